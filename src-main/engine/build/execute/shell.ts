import { shellHistory } from '../../dockerfile/history-text.ts';
import type { ShellInstruction } from '../../dockerfile/instruction.ts';
import { withMetadata, type StageState } from '../stage-state.ts';

export function executeShell(state: StageState, instruction: ShellInstruction): StageState {
  return withMetadata(state, { Shell: [...instruction.shell] }, shellHistory(instruction.shell));
}
