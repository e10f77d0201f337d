import { maintainerHistory } from '../../dockerfile/history-text.ts';
import type { MaintainerInstruction } from '../../dockerfile/instruction.ts';
import { withHistory, type StageState } from '../stage-state.ts';

export function executeMaintainer(state: StageState, instruction: MaintainerInstruction): StageState {
  const author = instruction.name.text;
  return withHistory({ ...state, author }, maintainerHistory(author));
}
