import type { OnbuildInstruction } from '../../dockerfile/instruction.ts';
import type { StageState } from '../stage-state.ts';

/** ONBUILD: the text is kept as written and leaves no history. */
export function executeOnbuild(state: StageState, instruction: OnbuildInstruction): StageState {
  const triggers = [...(state.config.OnBuild ?? []), instruction.trigger];
  return { ...state, config: { ...state.config, OnBuild: triggers } };
}
