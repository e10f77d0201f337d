import { PLATFORM_ARGUMENTS } from '../dockerfile/language/argument-docs.ts';
import { referenceUrl } from '../dockerfile/language/instruction-docs.ts';
import { GLOBAL_SCOPE, type VariableMention } from '../dockerfile/language/variable-mentions.ts';
import type { KnownVariable, Variables } from '../dockerfile/language/variables-in-scope.ts';
import { setBy } from './complete-variables.ts';
import type { HoverText } from './hover-text.ts';
import type { Question } from './question.ts';

/** The variables that a mention sees; one that sets the variable sees what it sets. */
async function variablesFor(
  question: Question,
  { scope, location, role }: VariableMention,
): Promise<Variables> {
  const stage = question.reading.dockerfile.stages[scope];
  const line = role === 'use' ? location.line : location.line + 1;
  if (scope === GLOBAL_SCOPE || stage === undefined) return question.globals(line);
  return question.variables(stage, line);
}

/** A variable's value where it is mentioned, and who set it. */
export async function hoverVariable(question: Question, mention: VariableMention): Promise<HoverText> {
  const { name } = mention;
  const variables = await variablesFor(question, mention);
  const known = variables.get(name);
  const automatic = PLATFORM_ARGUMENTS[name];
  const url = referenceUrl(
    automatic === undefined ? 'environment-replacement' : 'automatic-platform-args-in-the-global-scope',
  );
  return {
    title: `$${name}`,
    text: [...(automatic === undefined ? [] : [automatic]), ...explain(question, known, mention)],
    facts: known === undefined ? [] : factsOf(known),
    url,
  };
}

function factsOf(known: KnownVariable): HoverText['facts'] {
  const value = known.value === undefined ? [] : [{ name: 'Value', value: known.value }];
  return [...value, { name: 'Set by', value: setBy(known) }];
}

function explain(
  question: Question,
  known: KnownVariable | undefined,
  { name, scope }: VariableMention,
): readonly string[] {
  if (known?.value !== undefined) return [];
  if (known !== undefined) return ['It has no value unless the build is given one with --build-arg.'];
  const isGlobal = scope !== GLOBAL_SCOPE && question.globals().has(name);
  if (isGlobal)
    return [`It is not set here. Write ARG ${name} in this stage to use the one above the first FROM.`];
  return [
    'It is not set here, as far as the file and the images in the store tell; a shell may set it itself.',
  ];
}
