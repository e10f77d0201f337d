import { cancelled } from '../../contract/errors.ts';
import type { Reason } from '../../contract/builds-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { BuildRun } from './build-run.ts';
import type { LayerCache } from './cache/layer-cache.ts';
import type { CacheMiss } from './explain/explainer.ts';
import type { ExplainedStep } from './explain/step-inputs.ts';
import type { InstructionContext } from './execute/instruction-context.ts';
import { isStep } from './plan/plan-build.ts';
import type { LayerStack } from '../sandbox/sandbox.ts';
import type { MadeLayer } from './stage-state.ts';
import { timedKey } from './time-rules.ts';
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
  readonly explain: () => ExplainedStep;
  readonly make: () => Promise<StoredLayer>;
  readonly work: WorkKind;
  /** What the layer comes to lie on, as far as it depends on that. */
  readonly layers: LayerStack;
}

/** Takes the layer from the cache or makes it; reports the step's begin, end and why it ran. */
export async function runLayerStep(context: InstructionContext, step: LayerStep): Promise<MadeLayer> {
  const { run } = context;
  const began = now(run);
  if (run.signal.aborted) throw cancelled('the build');
  run.emit({ type: 'step-start', step: context.step, at: new Date(began).toISOString() });
  try {
    const final = withFinalKeys(run, step);
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
async function findOrMake(context: InstructionContext, step: LayerStep): Promise<Outcome> {
  const { run } = context;
  const cache = whyUncached(context) !== undefined ? run.freshCache(context.stage.index) : run.cache;
  for (;;) {
    const { found, key } = await look(cache, step);
    if (typeof found !== 'string') return taken(context, step, cache, key, found);
    using _claim = await cache.claim(key, { signal: run.signal, onWait: () => reportWaiting(context) });
    const again = await look(cache, step);
    if (typeof again.found !== 'string') return taken(context, step, cache, again.key, again.found);
    // Where the content is asked for only now, another key is to be claimed.
    if (again.key === key) {
      return await makeAndExplain(context, step, cache, whyUncached(context) ?? again.found);
    }
  }
}

/** What was found needs no reason, and the next build compares with it. */
function taken(
  { run, step }: InstructionContext,
  { explain }: LayerStep,
  cache: LayerCache,
  key: Digest,
  made: MadeLayer,
): Outcome {
  cache.noteHit(key);
  run.explainer.end(step, { ...explain(), key, content: made.contentDigest });
  return { made, why: undefined };
}

async function logStep(context: InstructionContext, step: LayerStep, made: MadeLayer): Promise<void> {
  const { layer, contentDigest, created } = made;
  context.run.cacheLog.addStep({
    key: await step.contentKey(),
    metadataKey: step.metadataKey,
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

/** The keys with the times that the request asks for; the content is looked at once. */
function withFinalKeys({ request }: BuildRun, step: LayerStep): LayerStep {
  const { metadataKey, contentKey } = step;
  return {
    ...step,
    metadataKey: metadataKey === undefined ? undefined : timedKey(request, step, metadataKey),
    contentKey: once(async () => timedKey(request, step, await contentKey())),
  };
}

function once<T>(compute: () => Promise<T>): () => Promise<T> {
  let computing: Promise<T> | undefined;
  return () => (computing ??= compute());
}

function reportWaiting({ run, step }: InstructionContext): void {
  run.emit({ type: 'step-progress', step, what: 'waiting for another build that does the same' });
}

function whyUncached({ run, stage }: InstructionContext): CacheMiss | undefined {
  const { noCache, noCacheFilter } = run.request;
  if (noCache) return 'no-cache';
  const isNamed = noCacheFilter.some(
    (name) => name.toLowerCase() === stage.name || name === String(stage.index),
  );
  return isNamed ? 'no-cache-filter' : undefined;
}

async function makeAndExplain(
  context: InstructionContext,
  step: LayerStep,
  cache: LayerCache,
  miss: CacheMiss,
): Promise<Outcome> {
  const { run } = context;
  const { stored, ranMs } = await run.limit(step.work, () => timed(run, step.make));
  const made = toMade(stored, run);
  const key = await step.contentKey();
  cache.keep(key, made, instructionOf(context));
  if (step.metadataKey !== undefined) cache.noteSeen(step.metadataKey);
  const explained = step.explain();
  run.explainer.end(context.step, { ...explained, key, content: made.contentDigest, ranMs });
  return { made, why: run.explainer.reason(context.step, explained, key, miss) };
}

/** How long the work took, without waiting for its turn. */
async function timed(
  run: BuildRun,
  make: LayerStep['make'],
): Promise<{ readonly stored: StoredLayer; readonly ranMs: number }> {
  const began = now(run);
  return { stored: await make(), ranMs: now(run) - began };
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
