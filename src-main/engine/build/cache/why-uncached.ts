import type { BuildRequest } from '../../../contract/builds-api.ts';
import type { CacheMiss } from '../explain/explainer.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';

/** Why the cache must not be asked for the steps of a stage, if that is so. */
export function whyUncached(
  { noCache, noCacheFilter }: BuildRequest,
  stage: PlannedStage,
): Extract<CacheMiss, `no-${string}`> | undefined {
  if (noCache) return 'no-cache';
  const isNamed = noCacheFilter.some(
    (name) => name.toLowerCase() === stage.name || name === String(stage.index),
  );
  return isNamed ? 'no-cache-filter' : undefined;
}
