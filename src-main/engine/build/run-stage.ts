import type { BuildEvent, Reason } from '../../contract/builds-api.ts';
import type { TransferProgress } from '../../contract/oci-types.ts';
import type { BuildRun } from './build-run.ts';
import { createPace } from '../pace.ts';
import { executeInstruction } from './execute/execute-instruction.ts';
import { folderBase } from './execute/folder-base.ts';
import { layersKey } from './layers-key.ts';
import type { PlannedStage, StageSource } from './plan/planned-stage.ts';
import { withLocation } from './plan/locate-error.ts';
import { childState, imageState, openedState, scratchState, type StageState } from './stage-state.ts';

/** Runs a stage's instructions in order, from its base to its last state. */
export async function runStage(run: BuildRun, stage: PlannedStage): Promise<StageState> {
  // What this stage will copy from may begin now; an error is met where the stage is needed.
  for (const index of stage.dependsOn) run.stage(index).catch(() => undefined);
  let state = await startStage(run, stage);
  for (const planned of stage.instructions) {
    state = await executeInstruction({ run, stage, step: planned.step }, state, planned);
  }
  return state;
}

/** A stage's state before its first instruction. */
export async function startStage(run: BuildRun, stage: PlannedStage): Promise<StageState> {
  try {
    return openedState(await openBaseState(run, stage));
  } catch (error) {
    throw withLocation(error, stage.location);
  }
}

async function openBaseState(run: BuildRun, stage: PlannedStage): Promise<StageState> {
  const { base, platform } = stage;
  switch (base.kind) {
    case 'scratch':
      return scratchState(platform);
    case 'stage':
      return childState(await run.stage(base.index));
    case 'folder':
      return folderBase({ run, stage, step: `${stage.index}.0` }, base.name);
    case 'image': {
      const { image } = base;
      run.protect([
        base.digest,
        image.descriptor.digest,
        image.imageId,
        ...image.layers.map((layer) => layer.descriptor.digest),
      ]);
      const step = `${stage.index}.0`;
      const compute = () => layersKey(run, image.layers, reportReading(run, step));
      const key = await (run.foresight?.baseKey(step, image, compute) ??
        reportBase(run, step, base, compute));
      if (run.foresight?.isCertain(key) !== false) run.explainer.base(step, base.digest, key);
      return imageState(image.config, image.platform, image.layers, key);
    }
  }
}

/** A base that was never looked into is read once, layer by layer. */
function reportReading(run: BuildRun, step: string): (progress: TransferProgress) => void {
  const pace = createPace();
  return (progress) => {
    if (pace.isDue()) run.emit({ type: 'step-progress', step, ...progress, what: 'reading a layer' });
  };
}

type StepEnd = Extract<BuildEvent, { type: 'step-end' }>;

const PULLED: Reason = { kind: 'first', text: 'the image was not here and was pulled' };

/** FROM is a step of its own: a base may still be on its way, and a new one is indexed once, which takes time. */
async function reportBase<T>(
  run: BuildRun,
  step: string,
  { reference: name, digest, image }: Extract<StageSource, { kind: 'image' }>,
  work: () => Promise<T>,
): Promise<T> {
  const early = run.pullBegan(step);
  const began = early ?? now(run);
  if (early === undefined) run.emit({ type: 'step-start', step, at: new Date(began).toISOString() });
  const before = run.explainer.movedFrom(name, digest);
  run.emit({ type: 'base', step, name, digest, ...(before === undefined ? {} : { before }) });
  const end = (how: Pick<StepEnd, 'outcome' | 'reason'>): void => {
    const at = now(run);
    run.emit({ type: 'step-end', step, at: new Date(at).toISOString(), durationMs: at - began, ...how });
  };
  try {
    const wasPulled = await run.bring(image, step);
    const result = await work();
    end(wasPulled ? { outcome: 'ran', reason: PULLED } : { outcome: 'cached' });
    return result;
  } catch (error) {
    end({ outcome: run.signal.aborted ? 'cancelled' : 'failed' });
    throw error;
  }
}

function now(run: BuildRun): number {
  return run.deps.clock?.() ?? Date.now();
}
