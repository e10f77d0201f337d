import type { FileRow } from '../../../contract/files-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { FileViewNode } from '../../filetree/file-view.ts';
import { getLayerRecord, putLayerRecord } from '../../filetree/layer-record.ts';
import { createLruCache, type LruCache } from '../../filetree/lru-cache.ts';
import { getTocRecord, putTocRecord } from '../../filetree/toc-record.ts';
import type { TocEntry } from '../../filetree/toc.ts';
import type { Store } from '../../store/store.ts';
import { nodeAt } from '../open-image-files.ts';
import type { CountOptions } from './counted-blob.ts';
import { readRemoteLayer } from './read-remote-layer.ts';
import type { RemoteBlob } from './remote-blob.ts';
import { getRemoteLayer, putRemoteLayer } from './remote-layer-record.ts';
import { toRemoteRow, viewOfRemoteLayer } from './remote-layer-view.ts';

export interface RemoteFolder {
  readonly path: string;
  readonly offset: number;
  readonly limit: number;
}

export interface RemoteRows {
  readonly rows: FileRow[];
  readonly total: number;
  readonly isProved: boolean;
  readonly fetchedBytes: number;
}

interface KnownLayer {
  readonly view: FileViewNode;
  readonly isProved: boolean;
  readonly fetchedBytes: number;
}

const MAX_CACHED_ENTRIES = 500_000;
const knownOf = new WeakMap<Store, LruCache<KnownLayer>>();

/**
 * One folder of a layer that may be at a registry only. What was once read of it is kept, so that `open` is asked
 * for the blob the first time alone.
 */
export async function listRemoteLayer(
  store: Store,
  digest: Digest,
  folder: RemoteFolder,
  open: () => RemoteBlob,
  options: CountOptions,
): Promise<RemoteRows> {
  const { view, isProved, fetchedBytes } = await openLayer(store, digest, open, options);
  const { children } = nodeAt(view, folder.path);
  const rows = children.slice(folder.offset, folder.offset + folder.limit).map(toRemoteRow);
  return { rows, total: children.length, isProved, fetchedBytes };
}

async function openLayer(
  store: Store,
  digest: Digest,
  open: () => RemoteBlob,
  options: CountOptions,
): Promise<KnownLayer> {
  const cache = knownOf.get(store) ?? createLruCache<KnownLayer>(MAX_CACHED_ENTRIES);
  knownOf.set(store, cache);
  const cached = cache.get(digest);
  if (cached !== undefined) return cached;
  const layer =
    (await recorded(store, digest)) ??
    (await readHere(store, digest, options)) ??
    (await read(store, open(), options));
  const known = { ...layer, view: viewOfRemoteLayer(layer.entries) };
  cache.put(digest, known, layer.entries.length + 1);
  return known;
}

type Entries = Omit<KnownLayer, 'view'> & { readonly entries: readonly TocEntry[] };

/** From the records of a layer that was seen whole, here or at a registry; else of one that was seen in parts. */
async function recorded(store: Store, digest: Digest): Promise<Entries | undefined> {
  const layer = getLayerRecord(store, digest);
  const toc = layer === undefined ? undefined : await getTocRecord(store, layer.diffId);
  if (toc !== undefined) return { entries: toc.entries, isProved: true, fetchedBytes: 0 };
  const seen = await getRemoteLayer(store, digest);
  return seen === undefined ? undefined : { ...seen, isProved: false };
}

/** A layer that is here is not asked for elsewhere. */
async function readHere(store: Store, digest: Digest, options: CountOptions): Promise<Entries | undefined> {
  if (!(await store.blobs.has(digest))) return undefined;
  const here: RemoteBlob = {
    digest,
    open: ({ signal }) =>
      Promise.resolve({ bytes: store.blobs.open(digest, { signal, verify: true }), totalBytes: undefined }),
    openFrom: () => Promise.resolve(undefined),
  };
  return { ...(await read(store, here, { ...options, maxBytes: Infinity })), fetchedBytes: 0 };
}

async function read(store: Store, blob: RemoteBlob, options: CountOptions): Promise<Entries> {
  const { entries, toc, fetchedBytes } = await readRemoteLayer(blob, options);
  if (toc === undefined) {
    await putRemoteLayer(store, blob.digest, { entries, fetchedBytes });
  } else {
    const { diffId, unpackedBytes } = toc;
    await putTocRecord(store, toc);
    putLayerRecord(store, blob.digest, { diffId, unpackedBytes, blocks: undefined });
  }
  return { entries, isProved: toc !== undefined, fetchedBytes };
}
