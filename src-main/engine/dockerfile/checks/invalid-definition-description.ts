import type { Instruction } from '../instruction.ts';
import { defineCheck } from './check-context.ts';

/** The names that FROM or ARG defines. */
function namesDefined(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'arg') return instruction.args.map((arg) => arg.name);
  return instruction.kind === 'from' && instruction.stageName !== undefined ? [instruction.stageName] : [];
}

export const invalidDefinitionDescription = defineCheck(
  'InvalidDefinitionDescription',
  'A comment right above ARG or FROM describes it: "# name description". An empty comment in between parts them.',
  function* ({ dockerfile }) {
    for (const instruction of dockerfile.instructions) {
      const names = namesDefined(instruction);
      const [first = ''] = instruction.comments.at(-1)?.split(' ') ?? [];
      if (names.length === 0 || instruction.comments.length === 0 || names.includes(first)) continue;
      const shown = names.length > 1 ? '<arg_key>' : (names[0] ?? '');
      const kind = instruction.kind.toUpperCase();
      const message = `Comment for ${kind} should follow the format: \`# ${shown} <description>\``;
      yield { message, location: instruction.location };
    }
  },
  { experimental: true },
);
