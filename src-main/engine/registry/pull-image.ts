import type { TransferProgress, Digest, Platform } from '../../contract/oci-types.ts';
import { EngineError, isEngineError } from '../../contract/errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseImageIndex } from '../oci/image-index.ts';
import { parseManifest } from '../oci/manifest.ts';
import { isIndexType, isManifestType } from '../oci/media-types.ts';
import { formatPlatform, isSamePlatform } from '../oci/platform.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import type { Lease, Store } from '../store/store.ts';
import type { Registries } from './open-registries.ts';
import { refusal } from './read-response.ts';
import { getDocument, type RemoteDocument } from './remote-document.ts';
import type { RegistrySession } from './session.ts';

export interface PullOptions {
  readonly platform: Platform;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

export interface PulledImage {
  /** What the reference named: a manifest, or the manifest for the platform of an index. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
}

type BlobOptions = PullOptions & { readonly repository: string };

/**
 * Brings an image into the store by tag or digest, every byte verified against its descriptor, and records it as an
 * image; moves no tag. An index is followed to the manifest of `platform`. Idempotent: what is there already is not
 * transferred again. Endpoints are tried in order, mirrors first.
 */
export async function pullImage(
  { store, registries }: { readonly store: Store; readonly registries: Registries },
  reference: Reference,
  options: PullOptions,
): Promise<PulledImage> {
  let failure: unknown;
  for (const session of await registries.sessions(reference.registry)) {
    try {
      return await pullFrom(session, store, reference, options);
    } catch (error) {
      if (isEngineError(error, 'CANCELLED') || !isEngineError(error)) throw error;
      failure = error;
    }
  }
  throw failure;
}

async function pullFrom(
  session: RegistrySession,
  store: Store,
  reference: Reference,
  options: PullOptions,
): Promise<PulledImage> {
  await using lease = store.lease(`pull ${familiarReference(reference)}`);
  const named = await getDocument(
    session,
    reference.repository,
    reference.digest ?? reference.tag ?? 'latest',
    options,
  );
  const document = await choosePlatform(session, named, reference, options);
  const manifest = parseManifest(document.bytes);
  await pullBlobs(session, store, lease, [manifest.config, ...manifest.layers], {
    ...options,
    repository: reference.repository,
  });
  lease.add([document.digest]);
  const put = await store.blobs.put(document.bytes);
  const pulled = { digest: put.digest, mediaType: document.mediaType, sizeBytes: put.sizeBytes };
  store.images.add(pulled);
  return pulled;
}

async function choosePlatform(
  session: RegistrySession,
  named: RemoteDocument,
  reference: Reference,
  options: PullOptions,
): Promise<RemoteDocument> {
  if (isManifestType(named.mediaType)) return named;
  if (!isIndexType(named.mediaType)) {
    throw new EngineError(
      'UNSUPPORTED',
      `${familiarReference(reference)} is of type ${named.mediaType || 'unknown'}`,
    );
  }
  const { manifests } = parseImageIndex(named.bytes);
  const chosen = manifests.find(
    (entry) => entry.platform !== undefined && isSamePlatform(platformOf(entry), options.platform),
  );
  if (chosen === undefined) throw noSuchPlatform(manifests, reference, options.platform);
  const document = await getDocument(session, reference.repository, chosen.digest, options);
  if (isManifestType(document.mediaType)) return document;
  throw new EngineError('CORRUPT', `${chosen.digest} should be a manifest and is ${document.mediaType}`);
}

function platformOf(entry: Descriptor): Platform {
  const { os = '', architecture = '', variant } = entry.platform ?? {};
  return variant === undefined ? { os, architecture } : { os, architecture, variant };
}

function noSuchPlatform(
  manifests: readonly Descriptor[],
  reference: Reference,
  platform: Platform,
): EngineError {
  const there = manifests
    .map(platformOf)
    .filter(({ os }) => os !== '' && os !== 'unknown')
    .map(formatPlatform);
  return new EngineError(
    'NOT_FOUND',
    `${familiarReference(reference)} has no image for ${formatPlatform(platform)}`,
    {
      hint: `It has: ${there.join(', ')}. Choose one with --platform.`,
    },
  );
}

async function pullBlobs(
  session: RegistrySession,
  store: Store,
  lease: Lease,
  descriptors: readonly Descriptor[],
  options: BlobOptions,
): Promise<void> {
  lease.add(descriptors.map(({ digest }) => digest));
  const waiting = [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
  const progress = createTransferMeter(
    waiting.reduce((sum, { size }) => sum + size, 0),
    options,
  );
  const stop = new AbortController();
  const signal = options.signal === undefined ? stop.signal : AbortSignal.any([options.signal, stop.signal]);
  const workers = Array.from({ length: session.settings.parallel }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) {
      await pullBlob(session, store, next, { ...options, signal }, progress);
    }
  });
  await endTogether(workers, stop);
}

/** Waits for all; the first failure ends the others, and is what is thrown. */
async function endTogether(workers: readonly Promise<void>[], stop: AbortController): Promise<void> {
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}

async function pullBlob(
  session: RegistrySession,
  store: Store,
  descriptor: Descriptor,
  options: BlobOptions,
  progress: (bytes: number) => void,
): Promise<void> {
  if (await store.blobs.has(descriptor.digest)) {
    progress(descriptor.size);
    return;
  }
  const ingest = await store.blobs.ingest(options);
  try {
    for await (const chunk of await openBlob(session, descriptor.digest, options)) {
      if (ingest.sizeBytes + chunk.length > descriptor.size) {
        throw new EngineError(
          'CORRUPT',
          `the registry sends more than the ${descriptor.size} bytes of ${descriptor.digest}`,
        );
      }
      await ingest.write(chunk);
      progress(chunk.length);
    }
    await ingest.commit({ digest: descriptor.digest, sizeBytes: descriptor.size });
  } finally {
    await ingest.abort();
  }
}

async function openBlob(
  session: RegistrySession,
  digest: Digest,
  { repository, signal }: BlobOptions,
): Promise<AsyncIterable<Uint8Array>> {
  const response = await session.send({
    method: 'GET',
    path: `${repository}/blobs/${digest}`,
    scope: { repository, actions: ['pull'] },
    signal,
  });
  if (response.status === 200) return response.body;
  throw await refusal(response, session.endpoint, `${repository} ${digest}`);
}

function createTransferMeter(totalBytes: number, options: PullOptions): (bytes: number) => void {
  const start = performance.now();
  let bytes = 0;
  return (more) => {
    bytes += more;
    const seconds = Math.max(0.001, (performance.now() - start) / 1000);
    options.onProgress?.({ what: 'pull', bytes, totalBytes, bytesPerSecond: Math.round(bytes / seconds) });
  };
}
