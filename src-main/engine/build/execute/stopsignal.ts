import { stopsignalHistory } from '../../dockerfile/history-text.ts';
import type { StopsignalInstruction } from '../../dockerfile/instruction.ts';
import { parseSignal, signalError } from '../../dockerfile/parse-signal.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

export function executeStopsignal(
  context: InstructionContext,
  state: StageState,
  instruction: StopsignalInstruction,
): StageState {
  const { text, location } = instruction.signal;
  const signal = expandIn(context, state, text, location);
  if (parseSignal(signal) !== undefined) {
    return withMetadata(state, { StopSignal: signal }, stopsignalHistory(signal));
  }
  throw signalError(signal, location);
}
