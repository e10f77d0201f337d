import type { Fix, SourceLocation } from '../../../contract/errors.ts';
import type { EvaluatedInstruction, UndefinedVariable } from '../evaluate-stage.ts';
import { SCAN_ARGUMENTS } from '../scan-arguments.ts';
import { defineCheck, eachInstruction } from './check-context.ts';
import type { Finding } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** The variable that was meant, and to declare this one; a trigger's text stands elsewhere. */
function fixesFor(
  fixing: Fixing,
  { instruction, isTrigger }: EvaluatedInstruction,
  word: SourceLocation,
  { name, likely }: UndefinedVariable,
): readonly Fix[] {
  if (isTrigger) return [];
  // All that RUN has beside its mounts is the shell's.
  const range = instruction.kind === 'run' ? word : instruction.location;
  const edits = likely === undefined ? [] : fixing.renameVariable(range, name, likely);
  const isLower = instruction.keyword.text === instruction.keyword.text.toLowerCase();
  const line = `${isLower ? 'arg' : 'ARG'} ${name}`;
  const declare = {
    title: `Declare it: ${line}`,
    edits: [fixing.insertAbove(instruction.location, line)],
  };
  return edits.length === 0 ? [declare] : [{ title: `Write ${likely}`, edits }, declare];
}

function* findIn(evaluated: EvaluatedInstruction, fixing: Fixing): Generator<Finding> {
  const { instruction, words } = evaluated;
  if (instruction.kind === 'expose') return;
  for (const word of words) {
    for (const variable of word.undefinedVariables) {
      const { name, likely } = variable;
      if (SCAN_ARGUMENTS.includes(name)) continue;
      const hint = likely === undefined ? '' : ` (did you mean $${likely}?)`;
      const message = `Usage of undefined variable '$${name}'${hint}`;
      const fixes = fixesFor(fixing, evaluated, word.location, variable);
      const focus = evaluated.isTrigger ? undefined : fixing.usesOf(word.location, name)[0];
      yield { message, location: instruction.location, focus: focus ?? word.location, fixes };
    }
  }
}

export const undefinedVar = defineCheck(
  'UndefinedVar',
  'A variable has a value, or is declared by ARG, before it is used.',
  function* (context) {
    for (const instruction of eachInstruction(context)) yield* findIn(instruction, context.fixing);
  },
);
