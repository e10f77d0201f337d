import type { Fix } from '../../../contract/errors.ts';
import type { Instruction } from '../instruction.ts';
import { defineCheck } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** The names that FROM or ARG defines. */
function namesDefined(instruction: Instruction): readonly string[] {
  if (instruction.kind === 'arg') return instruction.args.map((arg) => arg.name);
  return instruction.kind === 'from' && instruction.stageName !== undefined ? [instruction.stageName] : [];
}

/** The name before what the comment says; or an empty comment, which parts it from the instruction. */
function describeFixes(fixing: Fixing, { location }: Instruction, names: readonly string[]): readonly Fix[] {
  const part = { title: 'Part the comment from it', edits: [fixing.insertAbove(location, '#')] };
  const above = location.line - 1;
  const start = /^\s*#\s*/.exec(fixing.textOf(above))?.[0].length;
  const [name] = names;
  if (start === undefined || name === undefined || names.length > 1) return [part];
  const column = start + 1;
  const at = { ...location, line: above, column, endLine: above, endColumn: column };
  const text = /\s$/.test(fixing.textOf(above).slice(0, start)) ? `${name} ` : ` ${name} `;
  return [{ title: `Describe ${name}`, edits: [{ location: at, text }] }, part];
}

export const invalidDefinitionDescription = defineCheck(
  'InvalidDefinitionDescription',
  'A comment right above ARG or FROM describes it: "# name description". An empty comment in between parts them.',
  function* ({ dockerfile, fixing }) {
    for (const instruction of dockerfile.instructions) {
      const names = namesDefined(instruction);
      const [first = ''] = instruction.comments.at(-1)?.split(' ') ?? [];
      if (names.length === 0 || instruction.comments.length === 0 || names.includes(first)) continue;
      const shown = names.length > 1 ? '<arg_key>' : (names[0] ?? '');
      const kind = instruction.kind.toUpperCase();
      const message = `Comment for ${kind} should follow the format: \`# ${shown} <description>\``;
      const fixes = describeFixes(fixing, instruction, names);
      yield { message, location: instruction.location, fixes };
    }
  },
  { experimental: true },
);
