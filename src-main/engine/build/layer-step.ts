import { cancelled } from '../../contract/errors.ts';
import type { Reason } from '../../contract/builds-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { Moment } from '../store/store.ts';
import type { BuildRun } from './build-run.ts';
import type { LayerCache } from './cache/layer-cache.ts';
import { withFinalKeys } from './cache/final-keys.ts';
import { lookUp } from './cache/look-up.ts';
import { noteStep } from './cache/seen-steps.ts';
import { whyUncached } from './cache/why-uncached.ts';
import type { CacheMiss } from './explain/explainer.ts';
import { reportStepTransfer } from './report-step-transfer.ts';
import type { InstructionContext } from './execute/instruction-context.ts';
import { isStep } from './plan/plan-build.ts';
import type { MadeLayer } from './stage-state.ts';
import type { StepRecipe } from './step-recipe.ts';

/** Takes the layer from the cache or makes it; reports the step's begin, end and why it ran. */
export async function runLayerStep(context: InstructionContext, step: StepRecipe): Promise<MadeLayer> {
  const { run } = context;
  if (run.foresight !== undefined) return run.foresight.layerStep(context, step);
  const began = now(run);
  if (run.signal.aborted) throw cancelled('the build');
  run.emit({ type: 'step-start', step: context.step, at: new Date(began).toISOString() });
  try {
    const final = withFinalKeys(run.request, step);
    const { made, why } = await findOrMake(context, final);
    await logStep(context, final, made);
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
async function findOrMake(context: InstructionContext, step: StepRecipe): Promise<Outcome> {
  const { run } = context;
  const uncached = whyUncached(run.request, context.stage);
  const cache = uncached === undefined ? run.cache : run.freshCache(context.stage.index);
  // A layer that only another cache has is brought in when it is looked for.
  const onProgress = reportStepTransfer(context);
  for (;;) {
    const { found, key } = await lookUp(cache, step, onProgress);
    if (typeof found !== 'string') return taken(context, step, cache, key, found);
    using claim = await cache.claim(key, { signal: run.signal, onWait: () => reportWaiting(context) });
    const again = await lookUp(cache, step, onProgress);
    if (typeof again.found !== 'string') return taken(context, step, cache, again.key, again.found);
    // Where the content is asked for only now, another key is to be claimed.
    if (again.key === key) {
      return await makeAndExplain(context, step, cache, uncached ?? again.found, claim.takenAt);
    }
  }
}

/** What was found needs no reason, and the next build compares with it. */
function taken(
  { run, step }: InstructionContext,
  given: StepRecipe,
  cache: LayerCache,
  key: Digest,
  made: MadeLayer,
): Outcome {
  cache.noteHit(key);
  noteStep(run.cache, given.parent, given.ownKey());
  run.explainer.end(step, { ...given.explain(), key, content: made.contentDigest });
  return { made, why: undefined };
}

async function logStep(context: InstructionContext, step: StepRecipe, made: MadeLayer): Promise<void> {
  const { layer, contentDigest, created } = made;
  context.run.cacheLog.addStep({
    key: await step.contentKey(),
    metadataKey: step.metadataKey,
    parent: step.parent,
    ownKey: step.ownKey(),
    layer: layer.descriptor,
    diffId: layer.diffId,
    contentDigest,
    created,
    instruction: instructionOf(context),
  });
}

function instructionOf({ stage, step }: InstructionContext): string {
  const planned = stage.instructions.find((one) => one.step === step && isStep(one.instruction));
  return planned?.instruction.original ?? 'FROM a build context';
}

function reportWaiting({ run, step }: InstructionContext): void {
  run.emit({ type: 'step-progress', step, what: 'waiting for another build that does the same' });
}

async function makeAndExplain(
  context: InstructionContext,
  step: StepRecipe,
  cache: LayerCache,
  miss: CacheMiss,
  began: Moment,
): Promise<Outcome> {
  const { run } = context;
  expectCommands(context);
  const { stored, ranMs } = await run.limit(step.work, () => timed(run, step.make));
  const made = toMade(stored, run, began);
  const key = await step.contentKey();
  cache.keep(key, made, instructionOf(context));
  if (step.metadataKey !== undefined) cache.noteSeen(step.metadataKey);
  noteStep(run.cache, step.parent, step.ownKey());
  const explained = step.explain();
  run.explainer.end(context.step, { ...explained, key, content: made.contentDigest, ranMs });
  return { made, why: run.explainer.reason(context.step, explained, key, miss) };
}

/** The RUN steps after one that the cache does not have will mostly run too: what they need is started beside it. */
function expectCommands({ run, stage }: InstructionContext): void {
  if (stage.instructions.some(({ instruction }) => instruction.kind === 'run')) {
    run.deps.sandbox.probe().catch(() => undefined);
  }
}

/** How long the work took, without waiting for its turn. */
async function timed(
  run: BuildRun,
  make: StepRecipe['make'],
): Promise<{ readonly stored: StoredLayer; readonly ranMs: number }> {
  const began = now(run);
  return { stored: await make(), ranMs: now(run) - began };
}

function toMade(stored: StoredLayer, run: BuildRun, began: Moment): MadeLayer {
  const { descriptor, diffId, toc } = stored;
  const created = new Date(now(run)).toISOString();
  return { layer: { descriptor, diffId }, contentDigest: toc.contentDigest, created, began };
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
