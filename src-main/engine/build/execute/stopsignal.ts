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
  const signal = expandIn(context, state, instruction.signal.text);
  if (parseSignal(signal) !== undefined) {
    return withMetadata(state, { StopSignal: signal }, stopsignalHistory(signal));
  }
  throw signalError(signal, instruction.signal.location);
}
