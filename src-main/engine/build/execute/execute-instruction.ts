import { triggerError } from '../../dockerfile/parse-trigger.ts';
import type { PlannedInstruction } from '../plan/planned-stage.ts';
import { withLocation } from '../plan/locate-error.ts';
import type { StageState } from '../stage-state.ts';
import { executeAdd } from './add.ts';
import { executeArg } from './arg.ts';
import { executeCmd } from './cmd.ts';
import { executeCopy } from './copy.ts';
import { executeEntrypoint } from './entrypoint.ts';
import { executeEnv } from './env.ts';
import { executeExpose } from './expose.ts';
import { executeHealthcheck } from './healthcheck.ts';
import type { InstructionContext } from './instruction-context.ts';
import { executeLabel } from './label.ts';
import { executeMaintainer } from './maintainer.ts';
import { executeOnbuild } from './onbuild.ts';
import { executeRun } from './run.ts';
import { executeShell } from './shell.ts';
import { executeStopsignal } from './stopsignal.ts';
import { executeUser } from './user.ts';
import { executeVolume } from './volume.ts';
import { executeWorkdir } from './workdir.ts';

/** The state after one instruction. What it throws on purpose says where in the Dockerfile. */
export async function executeInstruction(
  context: InstructionContext,
  state: StageState,
  planned: PlannedInstruction,
): Promise<StageState> {
  try {
    return await dispatch(context, state, planned);
  } catch (error) {
    context.run.failStep(context.step);
    const { instruction, location, isTrigger } = planned;
    throw isTrigger ? triggerError(error, instruction.original, location) : withLocation(error, location);
  }
}

function dispatch(
  context: InstructionContext,
  state: StageState,
  { instruction }: PlannedInstruction,
): StageState | Promise<StageState> {
  switch (instruction.kind) {
    case 'run':
      return executeRun(context, state, instruction);
    case 'copy':
      return executeCopy(context, state, instruction);
    case 'add':
      return executeAdd(context, state, instruction);
    case 'workdir':
      return executeWorkdir(context, state, instruction);
    case 'arg':
      return executeArg(context, state, instruction);
    case 'env':
      return executeEnv(context, state, instruction);
    case 'label':
      return executeLabel(context, state, instruction);
    case 'expose':
      return executeExpose(context, state, instruction);
    case 'volume':
      return executeVolume(context, state, instruction);
    case 'user':
      return executeUser(context, state, instruction);
    case 'cmd':
      return executeCmd(state, instruction);
    case 'entrypoint':
      return executeEntrypoint(state, instruction);
    case 'shell':
      return executeShell(state, instruction);
    case 'stopsignal':
      return executeStopsignal(context, state, instruction);
    case 'healthcheck':
      return executeHealthcheck(state, instruction);
    case 'onbuild':
      return executeOnbuild(state, instruction);
    case 'maintainer':
      return executeMaintainer(state, instruction);
  }
}
