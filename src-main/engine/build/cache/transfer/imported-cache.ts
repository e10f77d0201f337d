import { EngineError, isEngineError } from '../../../../contract/errors.ts';
import { readToc } from '../../../filetree/read-toc.ts';
import type { MembersOptions } from '../../../image/save/layout-members.ts';
import type { LongOptions } from '../../../store/blob-store.ts';
import type { Store } from '../../../store/store.ts';
import type { MadeLayer } from '../../stage-state.ts';
import type { LayerCache } from '../layer-cache.ts';
import type { CachedStep } from './cache-document.ts';
import type { CacheSource } from './open-cache-source.ts';

/**
 * The own cache with others behind it: a layer that only they know is brought in when it is asked for, checked, and
 * from then on the own cache's. One that is broken is told of and counts as unknown.
 */
export function importedCache(
  own: LayerCache,
  sources: readonly CacheSource[],
  given: LongOptions & {
    readonly store: Store;
    readonly onBroken: (source: CacheSource, error: EngineError) => void;
  },
): LayerCache {
  const steps = sources.flatMap((source) => source.document.steps.map((step) => ({ source, step })));
  const byKey = Map.groupBy(steps, ({ step }) => step.key);
  const seen = new Set(steps.map(({ step }) => step.metadataKey));
  const broken = new Set<CachedStep>();
  const take = async (
    source: CacheSource,
    step: CachedStep,
    onProgress: MembersOptions['onProgress'],
  ): Promise<MadeLayer | undefined> => {
    try {
      const made = await bringStep(source, step, { ...given, onProgress });
      own.keep(step.key, made, step.instruction);
      if (step.metadataKey !== undefined) own.noteSeen(step.metadataKey);
      return made;
    } catch (error) {
      if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
      broken.add(step);
      given.onBroken(source, error);
      return undefined;
    }
  };
  return {
    ...own,
    hasSeen: (metadataKey) => own.hasSeen(metadataKey) || seen.has(metadataKey),
    find: async (key, onProgress) => {
      const found = await own.find(key);
      if (typeof found !== 'string') return found;
      for (const { source, step } of byKey.get(key) ?? []) {
        const made = broken.has(step) ? undefined : await take(source, step, onProgress);
        if (made !== undefined) return made;
      }
      return found;
    },
  };
}

/** Reads the whole layer: its digest, what it unpacks to and what that means are what the cache says. */
async function bringStep(
  source: CacheSource,
  { layer: descriptor, diffId, contentDigest, created }: CachedStep,
  { store, signal, onProgress }: MembersOptions & { readonly store: Store },
): Promise<MadeLayer> {
  await source.bring(store, descriptor, { signal, onProgress });
  const toc = await readToc(store, { descriptor, diffId }, { signal });
  if (toc.contentDigest !== contentDigest) {
    throw new EngineError('CORRUPT', `the layer ${descriptor.digest} does not hold what the cache says`);
  }
  return { layer: { descriptor, diffId }, contentDigest, created };
}
