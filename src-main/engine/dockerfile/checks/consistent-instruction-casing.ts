import type { Instruction } from '../instruction.ts';
import { replaceFix } from '../did-you-mean.ts';
import { defineCheck } from './check-context.ts';

function isLower({ keyword }: Instruction): boolean {
  return keyword.text === keyword.text.toLowerCase();
}

function isUpper({ keyword }: Instruction): boolean {
  return keyword.text === keyword.text.toUpperCase();
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
        fixes: [replaceFix(`Write ${wanted}`, location, wanted)],
      };
    }
  },
);
