import { labelHistory } from '../../dockerfile/history-text.ts';
import type { LabelInstruction } from '../../dockerfile/instruction.ts';
import { endOfLocation } from '../../dockerfile/sub-location.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

export function executeLabel(
  context: InstructionContext,
  state: StageState,
  instruction: LabelInstruction,
): StageState {
  const pairs = instruction.pairs.map(({ key, value, location }) => ({
    key: expandIn(context, state, key, location),
    value: expandIn(context, state, value, endOfLocation(location, value.length)),
  }));
  const labels = Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
  return withMetadata(state, { Labels: { ...state.config.Labels, ...labels } }, labelHistory(pairs));
}
