import type { CacheEntry } from '../../../contract/cache-api.ts';
import { freeableBytes } from '../../store/kept-blobs.ts';
import type { KeptBlob, Store } from '../../store/store.ts';
import { LAYERS, parseLayerRecord } from './layer-cache.ts';

/** The layers that the cache knows, last used first. */
export function listCache(store: Store): CacheEntry[] {
  return store
    .keptBlobs(LAYERS)
    .map(toEntry)
    .sort((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt) || a.id.localeCompare(b.id));
}

function toEntry(blob: KeptBlob): CacheEntry {
  const records = blob.records
    .map(({ value }) => parseLayerRecord(value))
    .filter((record) => record !== undefined);
  const [first] = records.toSorted((a, b) => a.created.localeCompare(b.created));
  const lastUsedAt = new Date(blob.usedAtMs).toISOString();
  return {
    id: blob.digest,
    description: first?.instruction ?? '',
    sizeBytes: blob.sizeBytes,
    freesBytes: freeableBytes(blob),
    createdAt: first?.created ?? lastUsedAt,
    lastUsedAt,
    hits: blob.hits,
    images: [...blob.images],
    inUse: blob.isHeld,
  };
}
