import { setTimeout as wait } from 'node:timers/promises';
import type {
  BuildEvent,
  BuildRequest,
  BuildStep,
  ProveResult,
  ProvedDifference,
} from '../../../contract/builds-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Image } from '../../image/image.ts';
import { openImage } from '../../image/open-image.ts';
import type { BuildDeps } from '../build-run.ts';
import { runBuild } from '../run-build.ts';
import { compareImages } from './compare-images.ts';

export interface ProveOptions {
  readonly signal?: AbortSignal | undefined;
  /** What happens in the first or the second build. */
  readonly onEvent?: ((build: 1 | 2, event: BuildEvent) => void) | undefined;
}

/**
 * Builds twice from the same inputs, with no cache for what is made and at different times, and finds the first
 * difference. No tag moves, nothing is written beside the store, and neither image is kept.
 */
export async function proveBuild(
  request: BuildRequest,
  deps: BuildDeps,
  options: ProveOptions = {},
): Promise<ProveResult> {
  await using _lease = deps.store.lease('prove a build');
  const plain = { ...request, tags: [], outputs: [], cacheFrom: [], cacheTo: [], noCache: true };
  const first = await buildOnce(plain, deps, 1, options);
  await untilNextSecond(options.signal);
  const clock = deps.clock ?? Date.now;
  const second = await buildOnce(plain, { ...deps, clock: () => clock() + LATER_MS }, 2, options);
  const digests: [Digest, Digest] = [first.image.descriptor.digest, second.image.descriptor.digest];
  if (digests[0] === digests[1]) return { equal: true, digests };
  const { signal } = options;
  const found = await compareImages(deps.store, first.image, second.image, { signal });
  return { equal: false, digests, difference: found && { ...found, ...placeOf(found, first, second) } };
}

/** Whatever takes the time from the engine's clock shows it. What runs in a sandbox has the machine's clock. */
const LATER_MS = 36 * 60 * 60 * 1000;

/** Times in layers are whole seconds. */
async function untilNextSecond(signal: AbortSignal | undefined): Promise<void> {
  await wait(1000 - (Date.now() % 1000) + 1, undefined, signal === undefined ? {} : { signal });
}

interface Built {
  readonly image: Image;
  readonly steps: readonly BuildStep[];
  /** The layer of each step. */
  readonly layers: ReadonlyMap<string, Digest>;
}

async function buildOnce(
  request: BuildRequest,
  deps: BuildDeps,
  build: 1 | 2,
  { signal, onEvent }: ProveOptions,
): Promise<Built> {
  let steps: readonly BuildStep[] = [];
  const layers = new Map<string, Digest>();
  const { digest, platform } = await runBuild(request, deps, {
    signal,
    isKept: false,
    onEvent: (event) => {
      if (event.type === 'plan') steps = event.steps;
      if (event.type === 'step-end' && event.layer !== undefined) layers.set(event.step, event.layer.digest);
      onEvent?.(build, event);
    },
  });
  return { image: await openImage(deps.store, digest, { platform, signal }), steps, layers };
}

/** The instruction that made the layer: the last step that gave these two in the two builds. */
function placeOf(
  { layer }: ProvedDifference,
  first: Built,
  second: Built,
): Pick<ProvedDifference, 'instruction' | 'location'> {
  const made = [first, second].map(({ image }) => image.layers[layer ?? -1]?.descriptor.digest);
  const step = first.steps.findLast(
    ({ id }) => layer !== undefined && first.layers.get(id) === made[0] && second.layers.get(id) === made[1],
  );
  return step === undefined ? {} : { instruction: step.instruction, location: step.location };
}
