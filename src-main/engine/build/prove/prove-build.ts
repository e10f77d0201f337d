import { setTimeout as wait } from 'node:timers/promises';
import type { Base, BuildEvent, BuildRequest, ProveResult } from '../../../contract/builds-api.ts';
import { cancelled, EngineError, isEngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Lease } from '../../store/store.ts';
import type { BuildDeps } from '../build-run.ts';
import { runBuild } from '../run-build.ts';
import { buildOnce, type ProvedBuild, type RunBuild } from './build-once.ts';
import { compareImages } from './compare-images.ts';
import { emptyCacheMounts } from './empty-cache-mounts.ts';
import { traceDifference } from './trace-difference.ts';

export interface ProveOptions {
  readonly signal?: AbortSignal | undefined;
  /** What happens in the first or the second build. */
  readonly onEvent?: ((build: 1 | 2, event: BuildEvent) => void) | undefined;
  /** How each of them is run: `runBuild` unless given. */
  readonly run?: RunBuild | undefined;
}

/**
 * Builds twice from the same inputs, with no cache for what is made, with cache mounts that are empty at first, and at
 * different times, and finds the first difference and the instruction that made it. No tag moves, nothing is written
 * beside the store, and nothing of either build is kept: the second one's clock is wrong, and who builds next must not
 * be given what it made.
 */
export async function proveBuild(
  request: BuildRequest,
  deps: BuildDeps,
  options: ProveOptions = {},
): Promise<ProveResult> {
  await using made = new AsyncDisposableStack();
  const lease = deps.store.lease('prove a build');
  made.defer(() => discard(deps, lease));
  const plain = { ...request, tags: [], outputs: [], cacheFrom: [], cacheTo: [], noCache: true };
  const first = await buildApart(plain, deps, 1, options);
  await untilNextSecond(options.signal);
  const clock = deps.clock ?? Date.now;
  const later = { ...deps, clock: () => clock() + LATER_MS };
  const second = await buildApart(plain, later, 2, options).catch(failedAlone);
  const digests: [Digest, Digest] = [first.image.descriptor.digest, second.image.descriptor.digest];
  const moved = movedBases(first, second);
  const result = { equal: digests[0] === digests[1], digests, ...(moved.length > 0 && { moved }) };
  if (result.equal) return result;
  const { signal } = options;
  const found = await compareImages(deps.store, first.image, second.image, { signal });
  const difference = found && (await traceDifference(deps.store, [first, second], found, { signal }));
  return { ...result, difference };
}

/** What cannot be removed goes with the next prune. */
async function discard({ store, log }: BuildDeps, lease: Lease): Promise<void> {
  try {
    await store.discard(lease);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    log.info({ code: error.code }, 'what a proof made could not be removed');
  }
}

/** What failed the second time only is a difference too. */
function failedAlone(error: unknown): never {
  if (!isEngineError(error) || error.code === 'CANCELLED') throw error;
  const { code, message, location, excerpt, fixes } = error;
  const said = 'This was the second build: the first one, from the same inputs, did not fail.';
  const hint = error.hint === undefined ? said : `${said}\n${error.hint}`;
  throw new EngineError(code, message, { hint, location, excerpt, fixes, cause: error });
}

/** A tag is no content: it may stand for another image a moment later. */
function movedBases(first: ProvedBuild, second: ProvedBuild): Base[] {
  const known = new Map(first.bases.map(({ name, digest }) => [name, digest]));
  return second.bases.flatMap(({ name, digest }) => {
    const before = known.get(name);
    return before === undefined || before === digest ? [] : [{ name, digest, before }];
  });
}

/** What the first build left in a cache mount must not make the second one like it. */
async function buildApart(
  request: BuildRequest,
  deps: BuildDeps,
  build: 1 | 2,
  { signal, onEvent, run = runBuild }: ProveOptions,
): Promise<ProvedBuild> {
  await using sandbox = emptyCacheMounts(deps.sandbox);
  const told = {
    signal,
    onEvent: (event: BuildEvent) => onEvent?.(build, build === 1 ? event : asItIs(event)),
  };
  return await buildOnce(request, { ...deps, sandbox }, run, told);
}

/** With the time that it really is: of the second build's clock only what it makes shall tell. */
function asItIs(event: BuildEvent): BuildEvent {
  return 'at' in event ? { ...event, at: new Date(Date.parse(event.at) - LATER_MS).toISOString() } : event;
}

/** Whatever takes the time from the engine's clock shows it. What runs in a sandbox has the machine's clock. */
const LATER_MS = 36 * 60 * 60 * 1000;

/** Times in layers are whole seconds. */
async function untilNextSecond(signal: AbortSignal | undefined): Promise<void> {
  const options = signal === undefined ? {} : { signal };
  await wait(1000 - (Date.now() % 1000) + 1, undefined, options).catch(() => {
    throw cancelled('the proof');
  });
}
