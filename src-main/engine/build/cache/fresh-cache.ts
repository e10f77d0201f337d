import type { Digest } from '../../../contract/oci-types.ts';
import { isAfter } from '../../store/moments-table.ts';
import type { Moment } from '../../store/store.ts';
import type { LayerCache } from './layer-cache.ts';

/**
 * The cache of steps that must not ask the cache (`--no-cache`): it gives nothing whose making began before the build
 * did. So equal work is done once also here, among the stages of the build and among builds that run at the same time,
 * in whatever process, and nothing is older than the build that asked for everything anew. A stage that says the same
 * thing twice does it twice: what it takes the second time began after what it took the first time. What is made is
 * kept for later builds.
 */
export function createFreshCache(kept: LayerCache, buildBegan: Moment): (stage: number) => LayerCache {
  const taken = new Map<string, Moment>();
  return (stage) => {
    const placeOf = (key: Digest): string => `${stage} ${key}`;
    const sinceOf = (key: Digest): Moment => taken.get(placeOf(key)) ?? buildBegan;
    const take = (key: Digest, began: Moment | undefined): void => {
      if (began !== undefined) taken.set(placeOf(key), began);
    };
    return {
      find: async (key) => {
        const found = await kept.find(key);
        if (typeof found === 'string' || !isAfter(found.began, sinceOf(key))) return 'missing';
        take(key, found.began);
        return found;
      },
      keep: (key, made, instruction) => {
        take(key, made.began);
        kept.keep(key, made, instruction);
      },
      noteHit: (key) => kept.noteHit(key),
      // Also what only older builds saw: one of them may be making the same at this moment, under its content's key.
      hasSeen: (metadataKey) => kept.hasSeen(metadataKey),
      noteSeen: (metadataKey) => kept.noteSeen(metadataKey),
      claim: (key, options) => kept.claim(key, { ...options, since: sinceOf(key) }),
    };
  };
}
