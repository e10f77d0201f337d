import type { BuildRequest } from '../../../contract/builds-api.ts';
import type { Dockerfile } from '../../dockerfile/dockerfile.ts';
import type { CacheMiss } from '../explain/explainer.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';

/** Why the cache must not be asked for the steps of a stage, if that is so. */
export function whyUncached(
  { noCache, noCacheFilter }: BuildRequest,
  stage: PlannedStage,
): Extract<CacheMiss, `no-${string}`> | undefined {
  if (noCache) return 'no-cache';
  return noCacheFilter.some((name) => isNamed(stage, name)) ? 'no-cache-filter' : undefined;
}

/** Names of `--no-cache-filter` that no stage has: nothing else would tell of a slip. */
export function unknownStages(
  { noCacheFilter }: BuildRequest,
  { stages }: Pick<Dockerfile, 'stages'>,
): readonly string[] {
  return noCacheFilter.filter(
    (name) => name !== '' && !stages.some((stage, index) => isNamed({ ...stage, index }, name)),
  );
}

function isNamed(
  stage: { readonly index: number; readonly name?: string | undefined },
  name: string,
): boolean {
  return name.toLowerCase() === stage.name || name === String(stage.index);
}
