import type { EvaluatedInstruction } from '../evaluate-stage.ts';
import { defineCheck, eachInstruction } from './check-context.ts';
import type { Finding } from './check-context.ts';

/** Read by the scanner for bills of materials, never part of the environment. */
const NOT_VARIABLES = ['BUILDKIT_SBOM_SCAN_CONTEXT', 'BUILDKIT_SBOM_SCAN_STAGE'];

function* findIn({ instruction, words }: EvaluatedInstruction): Generator<Finding> {
  if (instruction.kind === 'expose') return;
  for (const word of words) {
    for (const { name, likely } of word.undefinedVariables) {
      if (NOT_VARIABLES.includes(name)) continue;
      const hint = likely === undefined ? '' : ` (did you mean $${likely}?)`;
      const message = `Usage of undefined variable '$${name}'${hint}`;
      yield { message, location: instruction.location, focus: word.location };
    }
  }
}

export const undefinedVar = defineCheck(
  'UndefinedVar',
  'A variable has a value, or is declared by ARG, before it is used.',
  function* (context) {
    for (const instruction of eachInstruction(context)) yield* findIn(instruction);
  },
);
