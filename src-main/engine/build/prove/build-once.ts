import type { BuildEvent, BuildRequest, BuildResult, BuildStep } from '../../../contract/builds-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Image } from '../../image/image.ts';
import { openImage } from '../../image/open-image.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import type { BuildDeps, BuildOptions, CopiedEntry } from '../build-run.ts';

/** Runs a build to its end, as `runBuild` does. */
export type RunBuild = (
  request: BuildRequest,
  deps: BuildDeps,
  options: BuildOptions,
) => Promise<Pick<BuildResult, 'digest' | 'platform'>>;

/** One of the two builds of a proof, and where what it made comes from. */
export interface ProvedBuild {
  readonly image: Image;
  readonly steps: readonly BuildStep[];
  /** The layer of each step. */
  readonly layers: ReadonlyMap<string, Digest>;
  readonly stages: ReadonlyMap<number, LayerStack>;
  /** What a step copied from another stage, by the absolute path in its layer. */
  readonly copied: ReadonlyMap<string, ReadonlyMap<string, CopiedEntry>>;
}

export async function buildOnce(
  request: BuildRequest,
  deps: BuildDeps,
  run: RunBuild,
  { signal, onEvent }: Pick<BuildOptions, 'signal' | 'onEvent'>,
): Promise<ProvedBuild> {
  let steps: readonly BuildStep[] = [];
  const layers = new Map<string, Digest>();
  const stages = new Map<number, LayerStack>();
  const copied = new Map<string, Map<string, CopiedEntry>>();
  const learn = (event: BuildEvent): void => {
    if (event.type === 'plan') steps = event.steps;
    if (event.type === 'step-end' && event.layer !== undefined) layers.set(event.step, event.layer.digest);
    onEvent?.(event);
  };
  const trace: BuildOptions['trace'] = {
    copied: (step, entry) => {
      const entries = copied.get(step) ?? new Map<string, CopiedEntry>();
      copied.set(step, entries.set(entry.path, entry));
    },
    ended: (stage, stack) => stages.set(stage, stack),
  };
  const { digest, platform } = await run(request, deps, { signal, isKept: false, trace, onEvent: learn });
  const image = await openImage(deps.store, digest, { platform, signal });
  return { image, steps, layers, stages, copied };
}
