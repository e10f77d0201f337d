import { expandWords } from '../../dockerfile/expand-word.ts';
import { exposeHistory } from '../../dockerfile/history-text.ts';
import type { ExposeInstruction } from '../../dockerfile/instruction.ts';
import { parseExpose } from '../../dockerfile/parse-expose.ts';
import { locateError } from '../plan/locate-error.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import type { InstructionContext } from './instruction-context.ts';

/** EXPOSE: one word may expand to several ports. The words as written are sorted, which only the history shows. */
export function executeExpose(
  context: InstructionContext,
  state: StageState,
  instruction: ExposeInstruction,
): StageState {
  const options = { escape: context.run.escape };
  const ports = instruction.ports
    .toSorted((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0))
    .flatMap(({ text, location }) =>
      locateError(location, () => expandWords(text, state.env, options).flatMap(parseExpose)),
    );
  const added = Object.fromEntries(ports.map((port) => [port, {}]));
  const change = { ExposedPorts: { ...state.config.ExposedPorts, ...added } };
  return withMetadata(state, change, exposeHistory(ports));
}
