import type { CacheMount } from '../../contract/cache-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { readCacheLimits, writeCacheLimits } from '../build/cache/cache-limits.ts';
import { LAYERS } from '../build/cache/layer-cache.ts';
import { listCache } from '../build/cache/list-cache.ts';
import { removeStale, type CacheParts } from '../build/cache/remove-stale.ts';
import type { ChooseKept } from '../store/store.ts';

interface CacheCallsParts extends CacheParts {
  /** As `diskUsage` tells it. */
  readonly cacheBytes: () => Promise<number>;
}

/** The `cache` area: what builds can take instead of making it. */
export function createCacheCalls({ store, sandbox, cacheBytes }: CacheCallsParts): EngineApi['cache'] {
  const removeLayers = async (ids: readonly Digest[], signal: AbortSignal | undefined) => {
    const wanted = new Set(ids);
    let entries = 0;
    const choose: ChooseKept = (kept) => {
      const chosen = kept.map(({ digest }) => digest).filter((digest) => wanted.has(digest));
      entries = chosen.length;
      return chosen;
    };
    const { freedBytes } = await store.removeKept(LAYERS, choose, { dryRun: false, signal });
    return { entries, freedBytes };
  };
  return {
    list: async () => {
      const entries = listCache(store);
      const mounts = await listMounts(sandbox);
      const own = [...entries.filter(({ images }) => images.length === 0), ...mounts];
      const ownBytes = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      return { entries, mounts, otherBytes: Math.max(0, (await cacheBytes()) - ownBytes) };
    },
    remove: async ({ ids = [], mounts = [] }, { signal } = {}) => {
      const removed = await removeLayers(ids, signal);
      const freed = await Promise.all(mounts.map((id) => sandbox.removeCacheMount(id)));
      const left = new Set((mounts.length === 0 ? [] : await sandbox.cacheMounts()).map(({ id }) => id));
      return {
        entries: removed.entries + mounts.filter((id) => !left.has(id)).length,
        freedBytes: freed.reduce((sum, bytes) => sum + bytes, removed.freedBytes),
      };
    },
    prune: ({ maxBytes, maxAgeMs, dryRun = false }, { signal } = {}) => {
      const everything = maxBytes === undefined && maxAgeMs === undefined;
      const limits = {
        maxBytes: maxBytes ?? (everything ? 0 : Number.MAX_SAFE_INTEGER),
        usedSinceMs: maxAgeMs === undefined ? 0 : Date.now() - maxAgeMs,
      };
      return removeStale({ store, sandbox }, limits, { dryRun, signal });
    },
    limits: () => readCacheLimits(store.root),
    setLimits: async ({ limits }) => {
      await writeCacheLimits(store.root, limits);
      return readCacheLimits(store.root);
    },
  };
}

async function listMounts(sandbox: CacheParts['sandbox']): Promise<CacheMount[]> {
  const mounts = await sandbox.cacheMounts();
  return mounts
    .map(({ id, name, bytes, lastUsedMs, inUse }) => ({
      id,
      name,
      sizeBytes: bytes,
      lastUsedAt: new Date(lastUsedMs).toISOString(),
      inUse,
    }))
    .sort((a, b) => b.lastUsedAt.localeCompare(a.lastUsedAt));
}
