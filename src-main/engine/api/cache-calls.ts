import type { EngineApi } from '../../contract/engine-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { readCacheLimits, writeCacheLimits } from '../build/cache/cache-limits.ts';
import { chooseStale } from '../build/cache/choose-stale.ts';
import { LAYERS } from '../build/cache/layer-cache.ts';
import { listCache } from '../build/cache/list-cache.ts';
import type { ChooseKept, Store } from '../store/store.ts';

/** The `cache` area: what builds can take instead of making it. `cacheBytes` is that of `diskUsage`. */
export function createCacheCalls(store: Store, cacheBytes: () => Promise<number>): EngineApi['cache'] {
  const remove = async (choose: ChooseKept, dryRun: boolean, signal: AbortSignal | undefined) => {
    let entries = 0;
    const counted: ChooseKept = (kept) => {
      const chosen = choose(kept);
      entries = chosen.length;
      return chosen;
    };
    const { freedBytes } = await store.removeKept(LAYERS, counted, { dryRun, signal });
    return { entries, freedBytes };
  };
  return {
    list: async () => {
      const entries = listCache(store);
      const own = entries.filter(({ images }) => images.length === 0);
      const ownBytes = own.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0);
      return { entries, otherBytes: Math.max(0, (await cacheBytes()) - ownBytes) };
    },
    remove: ({ ids, dryRun = false }, { signal } = {}) => remove(among(ids), dryRun, signal),
    prune: ({ maxBytes, maxAgeMs, dryRun = false }, { signal } = {}) => {
      const everything = maxBytes === undefined && maxAgeMs === undefined;
      const limits = {
        maxBytes: maxBytes ?? (everything ? 0 : Number.MAX_SAFE_INTEGER),
        usedSinceMs: maxAgeMs === undefined ? 0 : Date.now() - maxAgeMs,
      };
      return remove((kept) => chooseStale(kept, limits), dryRun, signal);
    },
    limits: () => readCacheLimits(store.root),
    setLimits: async ({ limits }) => {
      await writeCacheLimits(store.root, limits);
      return readCacheLimits(store.root);
    },
  };
}

function among(ids: readonly Digest[]): ChooseKept {
  const wanted = new Set(ids);
  return (kept) => kept.map(({ digest }) => digest).filter((digest) => wanted.has(digest));
}
