import type { Fix } from '../../../contract/errors.ts';
import type { Instruction } from '../instruction.ts';
import { defineCheck } from './check-context.ts';

function isLower({ keyword }: Instruction): boolean {
  return keyword.text === keyword.text.toLowerCase();
}

function isUpper({ keyword }: Instruction): boolean {
  return keyword.text === keyword.text.toUpperCase();
}

/** AS goes with its FROM: another check wants them alike. */
function keywordEdits(instruction: Instruction, lower: boolean): Fix['edits'] {
  const as = instruction.kind === 'from' ? instruction.as?.keyword : undefined;
  const keywords = as === undefined ? [instruction.keyword] : [instruction.keyword, as];
  return keywords.map(({ text, location }) => ({
    location,
    text: lower ? text.toLowerCase() : text.toUpperCase(),
  }));
}

export const consistentInstructionCasing = defineCheck(
  'ConsistentInstructionCasing',
  'All instructions of a file are in upper case or all in lower case.',
  function* ({ dockerfile }) {
    const instructions = dockerfile.stages.flatMap((stage) => [stage.from, ...stage.instructions]);
    const lower = instructions.filter(isLower).length > instructions.filter(isUpper).length;
    for (const instruction of instructions) {
      if (lower ? isLower(instruction) : isUpper(instruction)) continue;
      const { text, location } = instruction.keyword;
      const wanted = lower ? text.toLowerCase() : text.toUpperCase();
      yield {
        message: `Command '${text}' should match the case of the command majority (${lower ? 'lowercase' : 'uppercase'})`,
        location: instruction.location,
        focus: location,
        fixes: [{ title: `Write ${wanted}`, edits: keywordEdits(instruction, lower) }],
      };
    }
  },
);
