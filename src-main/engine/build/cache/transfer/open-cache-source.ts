import type { BuildRequest } from '../../../../contract/builds-api.ts';
import { EngineError } from '../../../../contract/errors.ts';
import type { Digest } from '../../../../contract/oci-types.ts';
import { blobPath } from '../../../image/save/archive-index.ts';
import type { MembersOptions } from '../../../image/save/layout-members.ts';
import type { Descriptor } from '../../../oci/descriptor.ts';
import { digestOf } from '../../../oci/digest.ts';
import { parseImageIndex } from '../../../oci/image-index.ts';
import { parseManifest } from '../../../oci/manifest.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../../oci/parse-document.ts';
import type { LongOptions } from '../../../store/blob-store.ts';
import type { Store } from '../../../store/store.ts';
import { CACHE_ARTIFACT, parseCache, type CacheDocument } from './cache-document.ts';
import { archiveFiles, folderFiles, type FindLayoutFile, type LayoutFile } from './layout-files.ts';

/** A build cache that another build wrote: its documents are read and verified, its layers only when they are asked for. */
export interface CacheSource {
  readonly name: string;
  readonly document: CacheDocument;
  /** Every blob that it has. */
  readonly blobs: readonly Digest[];
  /** The blob of a layer, unverified; undefined when it is not there or not whole. */
  find(layer: Descriptor): Promise<LayoutFile | undefined>;
  /** Takes a layer into the store; CORRUPT when its bytes are not those of the descriptor, NOT_FOUND without it. */
  bring(store: Store, layer: Descriptor, options: MembersOptions): Promise<void>;
}

/** Opens what `--cache-to` wrote. NOT_FOUND, CORRUPT or UNSUPPORTED for what is none. */
export async function openCacheSource(
  { type, source }: BuildRequest['cacheFrom'][number],
  options: LongOptions,
): Promise<CacheSource> {
  const find = type === 'archive' ? await archiveFiles(source, options) : folderFiles(source);
  const entry = await findManifest(find, source);
  const manifest = parseManifest(await readBlob(find, entry));
  if (manifest.artifactType !== CACHE_ARTIFACT) throw foreign(source);
  return {
    name: source,
    document: parseCache(await readBlob(find, manifest.config)),
    blobs: [entry, manifest.config, ...manifest.layers].map(({ digest }) => digest),
    find: async ({ digest, size }) => {
      const file = await find(blobPath(digest));
      return file?.sizeBytes === size ? file : undefined;
    },
    bring: (store, layer, options) => bring(find, store, layer, options),
  };
}

async function findManifest(find: FindLayoutFile, source: string): Promise<Descriptor> {
  const index = await find('index.json');
  if (index === undefined) throw new EngineError('NOT_FOUND', `there is no OCI layout in ${source}`);
  const { manifests } = parseImageIndex(await readAll(index));
  const manifest = manifests.find(({ artifactType }) => artifactType === CACHE_ARTIFACT) ?? manifests[0];
  if (manifest === undefined) throw foreign(source);
  return manifest;
}

function foreign(source: string): EngineError {
  return new EngineError('UNSUPPORTED', `${source} is an OCI layout, but no build cache of Varve`, {
    hint: 'Varve reads what "varve build --cache-to" wrote.',
  });
}

async function readBlob(find: FindLayoutFile, { digest }: Descriptor): Promise<Uint8Array> {
  const file = await find(blobPath(digest));
  if (file === undefined) throw new EngineError('NOT_FOUND', `${digest} is missing`);
  const bytes = await readAll(file);
  if (digestOf(bytes) === digest) return bytes;
  throw new EngineError('CORRUPT', `the bytes of ${digest} have another digest`);
}

async function readAll(file: {
  readonly sizeBytes: number;
  open(): AsyncIterable<Uint8Array>;
}): Promise<Uint8Array> {
  if (file.sizeBytes > DOCUMENT_LIMIT_BYTES) {
    throw new EngineError('LIMIT_EXCEEDED', `a document has ${file.sizeBytes} bytes, more than 4 MiB`);
  }
  const chunks: Uint8Array[] = [];
  for await (const chunk of file.open()) chunks.push(chunk);
  return Buffer.concat(chunks);
}

async function bring(
  find: FindLayoutFile,
  store: Store,
  { digest, size }: { readonly digest: Digest; readonly size: number },
  { signal, onProgress }: MembersOptions,
): Promise<void> {
  if (await store.blobs.has(digest)) return;
  const file = await find(blobPath(digest));
  if (file === undefined) throw new EngineError('NOT_FOUND', `the layer ${digest} is missing`);
  const ingest = await store.blobs.ingest({ signal });
  try {
    let bytes = 0;
    for await (const chunk of file.open()) {
      await ingest.write(chunk);
      bytes += chunk.length;
      onProgress?.({ what: 'bringing from another cache', bytes, totalBytes: size });
    }
    await ingest.commit({ digest, sizeBytes: size });
  } finally {
    await ingest.abort();
  }
}
