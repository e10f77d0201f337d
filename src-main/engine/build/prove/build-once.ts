import type { BuildEvent, BuildRequest, BuildResult, BuildStep } from '../../../contract/builds-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Image } from '../../image/image.ts';
import { openImage } from '../../image/open-image.ts';
import type { BuildDeps, BuildOptions, EndedStage, StageEntry } from '../build-run.ts';

/** Runs a build to its end, as `runBuild` does. */
export type RunBuild = (
  request: BuildRequest,
  deps: BuildDeps,
  options: BuildOptions,
) => Promise<Pick<BuildResult, 'digest' | 'platform' | 'bases'>>;

/** One of the two builds of a proof, and where what it made comes from. */
export interface ProvedBuild {
  readonly image: Image;
  readonly steps: readonly BuildStep[];
  /** The layer of each step. */
  readonly layers: ReadonlyMap<string, Digest>;
  readonly stages: ReadonlyMap<number, EndedStage>;
  /** What a step copied from another stage, by the absolute path in its layer. */
  readonly copied: ReadonlyMap<string, ReadonlyMap<string, StageEntry>>;
  /** What a step's mounts showed it of other stages. */
  readonly mounted: ReadonlyMap<string, readonly StageEntry[]>;
  readonly bases: BuildResult['bases'];
}

export async function buildOnce(
  request: BuildRequest,
  deps: BuildDeps,
  run: RunBuild,
  { signal, onEvent }: Pick<BuildOptions, 'signal' | 'onEvent'>,
): Promise<ProvedBuild> {
  let steps: readonly BuildStep[] = [];
  const layers = new Map<string, Digest>();
  const stages = new Map<number, EndedStage>();
  const copied = new Map<string, Map<string, StageEntry>>();
  const mounted = new Map<string, StageEntry[]>();
  const learn = (event: BuildEvent): void => {
    if (event.type === 'plan') steps = event.steps;
    if (event.type === 'step-end' && event.layer !== undefined) layers.set(event.step, event.layer.digest);
    onEvent?.(event);
  };
  const trace: BuildOptions['trace'] = {
    copied: (step, path, entry) => {
      const entries = copied.get(step) ?? new Map<string, StageEntry>();
      copied.set(step, entries.set(path, entry));
    },
    mounted: (step, entry) => mounted.set(step, [...(mounted.get(step) ?? []), entry]),
    ended: (stage, ended) => stages.set(stage, ended),
  };
  const { digest, platform, bases } = await run(request, deps, {
    signal,
    isKept: false,
    trace,
    onEvent: learn,
  });
  const image = await openImage(deps.store, digest, { platform, signal });
  return { image, steps, layers, stages, copied, mounted, bases };
}
