import type { StageInstruction } from '../../dockerfile/instruction.ts';
import { shownValue } from '../explain/shown-value.ts';
import type { StepInputs } from '../explain/step-inputs.ts';
import { splitVariable, type StageState } from '../stage-state.ts';

type Values = Pick<StepInputs, 'arguments' | 'variables'>;

/** Everything that a command can see: the build arguments that the stage has declared, and the variables. */
export function allValues(state: StageState): Values {
  const own = new Set((state.config.Env ?? []).map((line) => splitVariable(line)[0]));
  const declared = state.args.map(({ name }) => name).filter((name) => !own.has(name));
  const args = new Set(declared);
  return {
    arguments: valuesOf(
      declared.filter((name) => state.env.has(name)),
      state,
    ),
    variables: valuesOf(
      Array.from(state.env.keys()).filter((name) => !args.has(name)),
      state,
    ),
  };
}

/** Those of them that a text names. */
export function namedValues(state: StageState, text: string): Values {
  const names = new Set(Array.from(text.matchAll(/\$\{?(\w+)/g), ([, name = '']) => name));
  const all = allValues(state);
  return { arguments: only(all.arguments, names), variables: only(all.variables, names) };
}

function valuesOf(names: readonly string[], state: StageState): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, shownValue(name, state.env.get(name) ?? '')]));
}

function only(values: Readonly<Record<string, string>>, names: ReadonlySet<string>): Record<string, string> {
  return Object.fromEntries(Object.entries(values).filter(([name]) => names.has(name)));
}

/** An instruction as it is written, with its here-documents. */
export function writtenText({ original, heredocs }: StageInstruction): string {
  return [original, ...heredocs.map(({ content, name }) => `${content}${name}`)].join('\n');
}
