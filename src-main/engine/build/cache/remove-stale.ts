import type { CacheRemoved } from '../../../contract/cache-api.ts';
import type { Sandbox } from '../../sandbox/sandbox.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { chooseStale, type StaleCache, type StaleLimits } from './choose-stale.ts';
import { LAYERS } from './layer-cache.ts';

export interface CacheParts {
  readonly store: Store;
  readonly sandbox: Pick<Sandbox, 'cacheMounts' | 'removeCacheMount'>;
}

/** Removes layers and cache mounts to keep the limits, or only says what would go. */
export async function removeStale(
  { store, sandbox }: CacheParts,
  limits: StaleLimits,
  options: LongOptions & { readonly dryRun: boolean },
): Promise<CacheRemoved> {
  const mounts = await sandbox.cacheMounts();
  let stale: StaleCache = { layers: [], mounts: [] };
  const { freedBytes } = await store.removeKept(
    LAYERS,
    (kept) => (stale = chooseStale(kept, mounts, limits)).layers,
    options,
  );
  // One that a command has begun to use meanwhile stays, and frees nothing.
  const freed = await Promise.all(
    stale.mounts.map(async ({ id, bytes }) => (options.dryRun ? bytes : await sandbox.removeCacheMount(id))),
  );
  return {
    entries: stale.layers.length + freed.filter((bytes) => bytes > 0).length,
    freedBytes: freed.reduce((sum, bytes) => sum + bytes, freedBytes),
  };
}
