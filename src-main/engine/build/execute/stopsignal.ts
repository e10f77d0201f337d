import { EngineError } from '../../../contract/errors.ts';
import { stopsignalHistory } from '../../dockerfile/history-text.ts';
import type { StopsignalInstruction } from '../../dockerfile/instruction.ts';
import { nearest } from '../../dockerfile/nearest.ts';
import { parseSignal, SIGNAL_NAMES } from '../../dockerfile/parse-signal.ts';
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
  const likely = nearest(signal.toUpperCase(), SIGNAL_NAMES);
  throw new EngineError('DOCKERFILE', `STOPSIGNAL ${signal}: there is no such signal`, {
    location: instruction.signal.location,
    hint: likely === undefined ? 'Write a number or a name like SIGTERM.' : `Did you mean ${likely}?`,
  });
}
