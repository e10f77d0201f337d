import { expandWords } from '../../dockerfile/expand-word.ts';
import { exposeHistory } from '../../dockerfile/history-text.ts';
import type { ExposeInstruction } from '../../dockerfile/instruction.ts';
import { parseExpose } from '../../dockerfile/parse-expose.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import type { InstructionContext } from './instruction-context.ts';

/** EXPOSE: one word may expand to several ports. The words are sorted as text, which only the history shows. */
export function executeExpose(
  context: InstructionContext,
  state: StageState,
  instruction: ExposeInstruction,
): StageState {
  const options = { escape: context.run.escape };
  const words = instruction.ports.flatMap((port) => expandWords(port.text, state.env, options));
  const ports = words.toSorted().flatMap((word) => parseExpose(word).ports);
  const added = Object.fromEntries(ports.map((port) => [port, {}]));
  const change = { ExposedPorts: { ...state.config.ExposedPorts, ...added } };
  return withMetadata(state, change, exposeHistory(ports));
}
