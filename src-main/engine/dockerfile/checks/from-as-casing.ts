import type { FromInstruction } from '../instruction.ts';
import { replaceFix } from '../did-you-mean.ts';
import { defineCheck } from './check-context.ts';

/** AS in the case of FROM; FROM in mixed case is another check's business. */
function expectedAs(from: FromInstruction): string | undefined {
  const { text } = from.keyword;
  if (text === text.toLowerCase()) return 'as';
  return text === text.toUpperCase() ? 'AS' : undefined;
}

export const fromAsCasing = defineCheck(
  'FromAsCasing',
  'FROM and AS are both in upper case or both in lower case.',
  function* ({ dockerfile }) {
    for (const { from } of dockerfile.stages) {
      const keyword = from.as?.keyword;
      const expected = expectedAs(from);
      if (keyword === undefined || expected === undefined || keyword.text === expected) continue;
      const fix = replaceFix(`Write ${expected}`, keyword.location, expected);
      const message = `'${keyword.text}' and '${from.keyword.text}' keywords' casing do not match`;
      yield { message, location: from.location, focus: keyword.location, fixes: [fix] };
    }
  },
);
