import { isEngineError } from '../../../contract/errors.ts';
import type { BuildRun } from '../build-run.ts';
import { executeInstruction } from '../execute/execute-instruction.ts';
import type { InstructionContext } from '../execute/instruction-context.ts';
import { isStep } from '../plan/plan-build.ts';
import type { PlannedStage } from '../plan/planned-stage.ts';
import { startStage } from '../run-stage.ts';
import { scratchState, type StageState } from '../stage-state.ts';
import type { Foresight } from './foresight.ts';
import { Unforeseen } from './unforeseen.ts';

/** Goes through a stage's instructions as a build does, up to where a build would fail. */
export async function foreseeStage(
  run: BuildRun,
  stage: PlannedStage,
  foresight: Foresight,
): Promise<StageState> {
  const base = { run, stage, step: `${stage.index}.0` };
  const empty = scratchState(stage.platform);
  let state = empty;
  let context: InstructionContext = base;
  try {
    state = await foreseeBase(base, empty, foresight);
    for (const { step, ...planned } of stage.instructions) {
      context = { run, stage, step };
      state = await foreseeInstruction(context, state, { step, ...planned }, foresight);
    }
    return state;
  } catch (error) {
    return endAt(context, state, error, foresight);
  }
}

async function foreseeBase(
  context: InstructionContext,
  empty: StageState,
  foresight: Foresight,
): Promise<StageState> {
  const { run, stage } = context;
  try {
    const state = await startStage(run, stage);
    if (stage.base.kind === 'folder') foresight.passed(empty, state);
    return state;
  } catch (error) {
    if (error instanceof Unforeseen) return foresight.unforeseen(context.step, empty, error);
    throw error;
  }
}

async function foreseeInstruction(
  context: InstructionContext,
  state: StageState,
  planned: PlannedStage['instructions'][number],
  foresight: Foresight,
): Promise<StageState> {
  try {
    const after = await executeInstruction(context, state, planned);
    foresight.passed(state, after);
    return after;
  } catch (error) {
    if (error instanceof Unforeseen) return foresight.unforeseen(context.step, state, error);
    throw error;
  }
}

/** What a build would refuse is a forecast too: that step will fail, and none after it begins. */
function endAt(
  context: InstructionContext,
  state: StageState,
  error: unknown,
  foresight: Foresight,
): StageState {
  if (!isEngineError(error) || error.code === 'CANCELLED' || error.code === 'INTERNAL') throw error;
  const { stage } = context;
  const rest = stage.instructions.filter(({ instruction }) => isStep(instruction)).map(({ step }) => step);
  const after = rest.filter((step) => rest.indexOf(step) > rest.indexOf(context.step));
  const ended = foresight.unforeseen(context.step, state, new Unforeseen(`it will fail: ${error.message}`));
  return after.reduce(
    (next, step) => foresight.unforeseen(step, next, new Unforeseen('an earlier step will fail')),
    ended,
  );
}
