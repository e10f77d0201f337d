import type { CacheRemoved } from '../../../contract/cache-api.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Log } from '../../log.ts';
import type { Store } from '../../store/store.ts';
import { readCacheLimits } from './cache-limits.ts';
import { removeStale, type CacheParts } from './remove-stale.ts';

const EVERY_MS = 10 * 60_000;
/** What indexes, stat caches and notes of earlier builds may take together. */
const SMALL_RECORDS_BYTES = 256 * 1024 * 1024;
const COLLECTED = 'cache-collected';

/** Keeps the cache within its limits; see `CacheLimits`. */
export async function collectCache(
  parts: CacheParts,
  options: LongOptions & { readonly nowMs: number },
): Promise<CacheRemoved> {
  const { store } = parts;
  const { maxBytes, maxAgeMs } = await readCacheLimits(store.root);
  const usedSinceMs = maxAgeMs === null ? 0 : options.nowMs - maxAgeMs;
  const limits = { maxBytes: maxBytes ?? Number.MAX_SAFE_INTEGER, usedSinceMs };
  const removed = await removeStale(parts, limits, { ...options, dryRun: false });
  store.records.trim({ usedSinceMs, maxBytes: SMALL_RECORDS_BYTES });
  return removed;
}

/** Keeps the cache within its limits in the background, at most every few minutes. */
export interface CacheCare {
  /** After a build. */
  soon(): void;
  /** Waits for what runs. */
  close(): Promise<void>;
}

/** What goes wrong is for the log: the next time it is tried again. */
export function createCacheCare(parts: CacheParts, log: Log): CacheCare {
  let running: Promise<void> = Promise.resolve();
  const collect = async (): Promise<void> => {
    try {
      const nowMs = Date.now();
      if (isCollectionDue(parts.store, nowMs))
        log.info(await collectCache(parts, { nowMs }), 'the build cache was collected');
    } catch (error) {
      log.warn({ error }, 'the build cache could not be collected');
    }
  };
  return {
    soon: () => {
      running = running.then(collect);
    },
    close: () => running,
  };
}

/** Whether it is time again, for whichever process asks first: a build should not wait for what was just done. */
function isCollectionDue(store: Store, nowMs: number): boolean {
  const last = Number(Buffer.from(store.records.get(COLLECTED, '') ?? []).toString() || 0);
  if (nowMs - last < EVERY_MS) return false;
  store.records.put(COLLECTED, '', Buffer.from(String(nowMs)));
  return true;
}
