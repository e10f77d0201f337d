import type { TransferProgress, Digest, Platform, RateLimit } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { parseManifest, type Manifest } from '../oci/manifest.ts';
import { MEDIA_TYPES } from '../oci/media-types.ts';
import { familiarReference, type Reference } from '../oci/reference.ts';
import type { Store } from '../store/store.ts';
import { chooseManifest } from './choose-manifest.ts';
import { inParallel } from './in-parallel.ts';
import type { Registries } from './open-registries.ts';
import { pullBlob } from './pull-blob.ts';
import { openPullSource, type PullSource } from './pull-source.ts';
import type { RemoteDocument } from './remote-document.ts';
import { describeWait, type Wait } from './retry.ts';
import { TransferMeter } from './transfer-meter.ts';

export interface PullOptions {
  readonly platform: Platform;
  /** Blobs at once; what registries.json says unless told. */
  readonly parallel?: number | undefined;
  readonly signal?: AbortSignal | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

export interface PulledImage {
  /** What the reference named: a manifest, or the manifest for the platform of an index. */
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** 0 when all was here already. */
  readonly transferredBytes: number;
  readonly rateLimit: RateLimit | undefined;
}

/**
 * Brings an image into the store by tag or digest, every byte verified against its descriptor, and records it as an
 * image; moves no tag. An index is followed to the manifest of `platform`. Idempotent: what is there already is not
 * transferred again, and what was cut off goes on where it ended. Endpoints are tried in order, mirrors first.
 */
export async function pullImage(
  { store, registries }: { readonly store: Store; readonly registries: Registries },
  reference: Reference,
  options: PullOptions,
): Promise<PulledImage> {
  await using lease = store.lease(`pull ${familiarReference(reference)}`);
  const meter = new TransferMeter('pulling', options.onProgress);
  try {
    const source = await openPullSource(registries, reference);
    const { named, document, manifest } = await findManifest(source, reference, options, meter);
    const blobs = [manifest.config, ...manifest.layers];
    lease.add([document.digest, ...blobs.map(({ digest }) => digest)]);
    await pullBlobs(store, source, blobs, options, meter);
    const put = await store.blobs.put(document.bytes);
    const pulled = { digest: put.digest, mediaType: document.mediaType, sizeBytes: put.sizeBytes };
    store.images.add(pulled);
    return { ...pulled, transferredBytes: meter.movedBytes, rateLimit: named.rateLimit };
  } finally {
    meter.end();
  }
}

interface FoundManifest {
  readonly named: RemoteDocument;
  readonly document: RemoteDocument;
  readonly manifest: Manifest;
}

async function findManifest(
  source: PullSource,
  reference: Reference,
  { platform, signal }: PullOptions,
  meter: TransferMeter,
): Promise<FoundManifest> {
  const name = familiarReference(reference);
  const question = { platform, name, signal, onWait: (wait: Wait) => meter.say(describeWait(wait)) };
  const named = await source.document(reference.digest ?? reference.tag ?? 'latest', question);
  const document = await chooseManifest(source, named, question);
  const manifest = parseManifest(document.bytes);
  const { mediaType } = manifest.config;
  meter.say(undefined);
  if (CONFIG_TYPES.has(mediaType)) return { named, document, manifest };
  throw new EngineError('UNSUPPORTED', `${name} is no image: it is ${manifest.artifactType ?? mediaType}`);
}

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

async function pullBlobs(
  store: Store,
  source: PullSource,
  descriptors: readonly Descriptor[],
  { signal, parallel }: PullOptions,
  meter: TransferMeter,
): Promise<void> {
  const blobs = [...new Map(descriptors.map((descriptor) => [descriptor.digest, descriptor])).values()];
  meter.expect(blobs);
  await inParallel(blobs, parallel ?? source.parallel, signal, (descriptor, ends) =>
    pullBlob({ blobs: store.blobs, source, signal: ends }, descriptor, meter.blob(descriptor.digest)),
  );
}
