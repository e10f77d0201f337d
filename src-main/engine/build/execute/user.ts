import { userHistory } from '../../dockerfile/history-text.ts';
import type { UserInstruction } from '../../dockerfile/instruction.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

/** USER: who it is, is looked up only when something runs. */
export function executeUser(
  context: InstructionContext,
  state: StageState,
  instruction: UserInstruction,
): StageState {
  const user = expandIn(context, state, instruction.user.text, instruction.user.location);
  return withMetadata(state, { User: user }, userHistory(user));
}
