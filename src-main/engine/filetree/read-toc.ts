import { EngineError } from '../../contract/errors.ts';
import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import { createDigester } from '../oci/digest.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { decompress } from '../tar/decompress.ts';
import { readTar } from '../tar/read-tar.ts';
import { contentDigest } from './content-digest.ts';
import { getLayerRecord, putLayerRecord } from './layer-record.ts';
import { createLruCache, type LruCache } from './lru-cache.ts';
import { createTocCollector, type TocCollector } from './toc-collector.ts';
import type { PlainToc } from './toc-codec.ts';
import { getTocRecord, putTocRecord } from './toc-record.ts';
import type { Toc } from './toc.ts';

export interface LayerIds {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

export interface ReadTocOptions extends LongOptions {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
  /** The blob's bytes, for a layer that is not in the store. */
  readonly open?: (() => AsyncIterable<Uint8Array>) | undefined;
}

/** More entries than this in one layer are absurd, and each takes memory (S8). */
const MAX_ENTRIES = 3_000_000;

/** Deflate makes at most 1,032 bytes of one; zstd more, but no honest layer of this size does (S9). */
const MAX_RATIO = 1100;
const ALWAYS_ALLOWED_BYTES = 16 * 1024 ** 3;

/** Tables of contents in memory, by diff ID, up to this many entries in all. */
const MAX_CACHED_ENTRIES = 1_500_000;
const tocsOf = new WeakMap<Store, LruCache<PlainToc>>();

/**
 * A layer's table of contents: from memory, from its record, or from reading the layer, which verifies the blob's
 * digest and its diff ID (CORRUPT) and records both. A record counts only for the very blob that it was made from.
 */
export async function readToc(store: Store, layer: LayerIds, options: ReadTocOptions = {}): Promise<Toc> {
  const known = getLayerRecord(store, layer.descriptor.digest);
  if (known === undefined) return { ...(await readLayer(store, layer, options)), blocks: undefined };
  checkDiffId(layer, known.diffId);
  const toc = await getToc(store, layer.diffId);
  return { ...(toc ?? (await readLayer(store, layer, options, known.blocks))), blocks: known.blocks };
}

/** The table of contents as far as it is on record: the layer itself is not read. */
export async function knownToc(store: Store, layer: LayerIds): Promise<Toc | undefined> {
  const known = getLayerRecord(store, layer.descriptor.digest);
  if (known?.diffId !== layer.diffId) return undefined;
  const toc = await getToc(store, layer.diffId);
  return toc === undefined ? undefined : { ...toc, blocks: known.blocks };
}

async function getToc(store: Store, diffId: Digest): Promise<PlainToc | undefined> {
  const cached = cacheOf(store).get(diffId);
  if (cached !== undefined) return cached;
  const toc = await getTocRecord(store, diffId);
  if (toc !== undefined) cacheToc(store, toc);
  return toc;
}

function cacheOf(store: Store): LruCache<PlainToc> {
  const cache = tocsOf.get(store) ?? createLruCache<PlainToc>(MAX_CACHED_ENTRIES);
  tocsOf.set(store, cache);
  return cache;
}

function cacheToc(store: Store, toc: PlainToc): void {
  cacheOf(store).put(toc.diffId, toc, toc.entries.length + 1);
}

async function readLayer(
  store: Store,
  layer: LayerIds,
  options: ReadTocOptions = {},
  blocks?: Toc['blocks'],
): Promise<PlainToc> {
  const { descriptor } = layer;
  const { signal } = options;
  const hashed = hashing(store, layer, options);
  const collector = createTocCollector();
  const what = `layer ${descriptor.digest}`;
  for await (const item of readTar(hashed.bytes, { signal, what, maxEntries: MAX_ENTRIES })) {
    collector.add(item.entry, item.contentOffset, await contentDigest(item));
  }
  const { diffId, unpackedBytes } = hashed.finish();
  checkDiffId(layer, diffId);
  const toc = plain(collector.finish({ diffId, unpackedBytes, blocks: undefined }));
  await putTocRecord(store, toc);
  putLayerRecord(store, descriptor.digest, { diffId, unpackedBytes, blocks });
  cacheToc(store, toc);
  return toc;
}

function plain({
  diffId,
  unpackedBytes,
  entries,
  contentDigest,
}: ReturnType<TocCollector['finish']>): PlainToc {
  return { diffId, unpackedBytes, entries, contentDigest };
}

/** The layer's uncompressed bytes, hashed as they pass. */
function hashing(
  store: Store,
  { descriptor }: LayerIds,
  { signal, onProgress, open }: ReadTocOptions,
): {
  readonly bytes: AsyncIterable<Uint8Array>;
  finish(): { readonly diffId: Digest; readonly unpackedBytes: number };
} {
  const digester = createDigester();
  let unpackedBytes = 0;
  const source = counted(
    open?.() ?? store.blobs.open(descriptor.digest, { signal, verify: true }),
    descriptor,
    onProgress,
  );
  const limitBytes = Math.max(ALWAYS_ALLOWED_BYTES, descriptor.size * MAX_RATIO);
  async function* run(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of decompress(source, { signal, limitBytes })) {
      digester.update(bytes);
      unpackedBytes += bytes.length;
      yield bytes;
    }
  }
  return { bytes: run(), finish: () => ({ diffId: digester.digest(), unpackedBytes }) };
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  { digest, size }: Descriptor,
  onProgress: ((progress: TransferProgress) => void) | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  let bytes = 0;
  for await (const chunk of source) {
    bytes += chunk.length;
    onProgress?.({ what: `reading layer ${digest}`, bytes, totalBytes: size });
    yield chunk;
  }
}

function checkDiffId({ descriptor, diffId }: LayerIds, actual: Digest): void {
  if (actual === diffId) return;
  throw new EngineError(
    'CORRUPT',
    `layer ${descriptor.digest} unpacks to ${actual} and should to ${diffId}`,
    {
      hint: 'The image is damaged or was made wrongly. Pull or load it again, or build it again.',
    },
  );
}
