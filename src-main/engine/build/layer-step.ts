import { cancelled } from '../../contract/errors.ts';
import type { Reason } from '../../contract/builds-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { BuildRun } from './build-run.ts';
import { readInputs, explainInputs, type StepInputs, writeInputs } from './explain.ts';
import type { InstructionContext } from './execute/instruction-context.ts';
import type { MadeLayer } from './stage-state.ts';

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
}

/** Takes the layer from the cache or makes it; reports the step's begin, end and why it ran. */
export async function runLayerStep(context: InstructionContext, step: LayerStep): Promise<MadeLayer> {
  const { run } = context;
  const began = now(run);
  if (run.signal.aborted) throw cancelled('the build');
  run.emit({ type: 'step-start', step: context.step, at: new Date(began).toISOString() });
  try {
    const { made, why } = await findOrMake(context, step);
    run.protect([made.layer.descriptor.digest]);
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

async function findOrMake(context: InstructionContext, step: LayerStep): Promise<Outcome> {
  const { run } = context;
  if (isUncached(context)) {
    return makeAndExplain(context, step, { kind: 'no-cache', text: 'the cache was not asked (--no-cache)' });
  }
  const isNew = step.metadataKey !== undefined && !run.cache.hasSeen(step.metadataKey);
  if (isNew) return makeAndExplain(context, step, undefined);
  const key = await step.contentKey();
  const found = await run.cache.find(key);
  if (found === 'missing') return makeAndExplain(context, step, undefined);
  if (found !== 'evicted') return { made: found, why: undefined };
  return makeAndExplain(context, step, { kind: 'evicted', text: 'its layer is not in the store any more' });
}

function isUncached({ run, stage }: InstructionContext): boolean {
  const { noCache, noCacheFilter } = run.request;
  if (noCache) return true;
  return noCacheFilter.some((name) => name.toLowerCase() === stage.name || name === String(stage.index));
}

/** `known` is a reason that is no input's; without it the inputs are compared with the last time's. */
async function makeAndExplain(
  context: InstructionContext,
  step: LayerStep,
  known: Reason | undefined,
): Promise<Outcome> {
  const { run } = context;
  const made = toMade(await run.limit(step.make), run);
  const key = await step.contentKey();
  run.cache.keep(key, made);
  if (step.metadataKey !== undefined) run.cache.noteSeen(step.metadataKey);
  const inputs = await step.inputs();
  const before = readInputs(run, context.step);
  writeInputs(run, context.step, inputs);
  return { made, why: known ?? explainInputs(before, inputs) };
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
