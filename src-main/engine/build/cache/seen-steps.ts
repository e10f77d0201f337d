import type { Digest } from '../../../contract/oci-types.ts';
import { cacheKey } from './cache-key.ts';
import type { LayerCache } from './layer-cache.ts';

/**
 * What a forecast needs beside the cache: on which root file systems a step was ever made, and which steps were ever
 * made on any. What was in neither is not in the cache, whatever the rest of its key will be.
 */
export function noteStep(cache: LayerCache, parent: Digest, ownKey: Digest): void {
  for (const key of [parentKey(parent), ownKey]) if (!cache.hasSeen(key)) cache.noteSeen(key);
}

export function wasParent(cache: LayerCache, parent: Digest): boolean {
  return cache.hasSeen(parentKey(parent));
}

/** Under which it is noted that a step was made on a root file system. */
export function parentKey(parent: Digest): Digest {
  return cacheKey('parent', parent);
}
