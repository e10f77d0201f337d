import { cancelled } from '../../contract/errors.ts';
import type { Reason } from '../../contract/builds-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { BuildRun } from './build-run.ts';
import type { LayerCache } from './cache/layer-cache.ts';
import { readInputs, explainInputs, type StepInputs, writeInputs } from './explain.ts';
import type { InstructionContext } from './execute/instruction-context.ts';
import type { MadeLayer } from './stage-state.ts';
import type { WorkKind } from './work-limits.ts';

/** An instruction that makes a layer, as the cache sees it. */
export interface LayerStep {
  /**
   * A key that needs no content. When no step with it was ever seen, the content is read once, while it is copied,
   * and `contentKey` is asked only after that.
   */
  readonly metadataKey?: Digest | undefined;
  /** The cache key; may read the content of files that no stat cache knows. */
  readonly contentKey: () => Promise<Digest>;
  /** What the key is made of, for a reader; asked after `contentKey`. */
  readonly inputs: () => StepInputs | Promise<StepInputs>;
  readonly make: () => Promise<StoredLayer>;
  readonly work: WorkKind;
}

/** Takes the layer from the cache or makes it; reports the step's begin, end and why it ran. */
export async function runLayerStep(context: InstructionContext, step: LayerStep): Promise<MadeLayer> {
  const { run } = context;
  const began = now(run);
  if (run.signal.aborted) throw cancelled('the build');
  run.emit({ type: 'step-start', step: context.step, at: new Date(began).toISOString() });
  try {
    const { made, why } = await findOrMake(context, step);
    endStep(context, began, made, why);
    return made;
  } catch (error) {
    const outcome = run.signal.aborted ? 'cancelled' : 'failed';
    const at = now(run);
    const durationMs = at - began;
    run.emit({ type: 'step-end', step: context.step, at: new Date(at).toISOString(), outcome, durationMs });
    throw error;
  }
}

interface Outcome {
  readonly made: MadeLayer;
  /** Absent when the layer came from the cache. */
  readonly why: Reason | undefined;
}

/**
 * Equal work is done once: whoever has the claim looks again and makes; the others wait for it and then find. A claim
 * is held while a layer is made and no longer, and who makes one waits for no claim: builds never wait in a circle.
 */
async function findOrMake(context: InstructionContext, given: LayerStep): Promise<Outcome> {
  const { run } = context;
  const step = { ...given, contentKey: once(given.contentKey) };
  const cache = isUncached(context) ? run.freshCache(context.stage.index) : run.cache;
  for (;;) {
    const { found, key } = await look(cache, step);
    if (typeof found !== 'string') return { made: found, why: undefined };
    using _claim = await cache.claim(key, { signal: run.signal, onWait: () => reportWaiting(context) });
    const again = await look(cache, step);
    if (typeof again.found !== 'string') return { made: again.found, why: undefined };
    // Where the content is asked for only now, another key is to be claimed.
    if (again.key === key) return await makeAndExplain(context, step, cache, again.found);
  }
}

type Missing = 'missing' | 'evicted';

/** What is known of the step, and by which key that was asked. */
async function look(
  cache: LayerCache,
  step: LayerStep,
): Promise<{ readonly found: MadeLayer | Missing; readonly key: Digest }> {
  const { metadataKey } = step;
  if (metadataKey !== undefined && !cache.hasSeen(metadataKey)) return { found: 'missing', key: metadataKey };
  const key = await step.contentKey();
  return { found: await cache.find(key), key };
}

function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let computing: Promise<T> | undefined;
  return () => (computing ??= compute());
}

function reportWaiting({ run, step }: InstructionContext): void {
  run.emit({ type: 'step-progress', step, what: 'waiting for another build that does the same' });
}

function isUncached({ run, stage }: InstructionContext): boolean {
  const { noCache, noCacheFilter } = run.request;
  if (noCache) return true;
  return noCacheFilter.some((name) => name.toLowerCase() === stage.name || name === String(stage.index));
}

async function makeAndExplain(
  context: InstructionContext,
  step: LayerStep,
  cache: LayerCache,
  missing: Missing,
): Promise<Outcome> {
  const { run } = context;
  const made = toMade(await run.limit(step.work, step.make), run);
  const key = await step.contentKey();
  cache.keep(key, made);
  if (step.metadataKey !== undefined) cache.noteSeen(step.metadataKey);
  const inputs = await step.inputs();
  const before = readInputs(run, context.step);
  writeInputs(run, context.step, inputs);
  return { made, why: knownReason(context, missing) ?? explainInputs(before, inputs) };
}

/** A reason that is no input's; without one the inputs are compared with the last time's. */
function knownReason(context: InstructionContext, missing: Missing): Reason | undefined {
  if (isUncached(context)) return { kind: 'no-cache', text: 'the cache was not asked (--no-cache)' };
  if (missing === 'missing') return undefined;
  return { kind: 'evicted', text: 'its layer is not in the store any more' };
}

function toMade(stored: StoredLayer, run: BuildRun): MadeLayer {
  const { descriptor, diffId, toc } = stored;
  const created = new Date(now(run)).toISOString();
  return { layer: { descriptor, diffId }, contentDigest: toc.contentDigest, created };
}

function endStep(context: InstructionContext, began: number, made: MadeLayer, why: Reason | undefined): void {
  const at = now(context.run);
  const { digest, size } = made.layer.descriptor;
  context.run.emit({
    type: 'step-end',
    step: context.step,
    at: new Date(at).toISOString(),
    outcome: why === undefined ? 'cached' : 'ran',
    durationMs: at - began,
    layer: { digest, sizeBytes: size },
    ...(why === undefined ? {} : { reason: why }),
  });
}

function now(run: BuildRun): number {
  return run.deps.clock?.() ?? Date.now();
}
