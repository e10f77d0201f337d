import { envHistory } from '../../dockerfile/history-text.ts';
import type { EnvInstruction } from '../../dockerfile/instruction.ts';
import { endOfLocation } from '../../dockerfile/sub-location.ts';
import { splitVariable, withMetadata, withVariable, type StageState } from '../stage-state.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';

/** ENV: all values are expanded with what was set before the instruction. */
export function executeEnv(
  context: InstructionContext,
  state: StageState,
  instruction: EnvInstruction,
): StageState {
  const pairs = instruction.pairs.map(({ key, value, location }) => ({
    key: expandIn(context, state, key, location),
    value: expandIn(context, state, value, endOfLocation(location, value.length)),
  }));
  const lines = pairs.reduce(setLine, state.config.Env ?? []);
  const next = pairs.reduce((changed, { key, value }) => withVariable(changed, key, value), state);
  return withMetadata(next, { Env: lines }, envHistory(pairs));
}

function setLine(lines: readonly string[], pair: { readonly key: string; readonly value: string }): string[] {
  const line = `${pair.key}=${pair.value}`;
  const at = lines.findIndex((other) => splitVariable(other)[0] === pair.key);
  return at < 0 ? [...lines, line] : lines.with(at, line);
}
