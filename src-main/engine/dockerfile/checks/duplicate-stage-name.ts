import { quoteString } from '../go-quote.ts';
import { defineCheck } from './check-context.ts';

export const duplicateStageName = defineCheck(
  'DuplicateStageName',
  'Every stage has a name of its own.',
  function* ({ dockerfile }) {
    const names = new Set<string>();
    for (const { name, from } of dockerfile.stages) {
      if (name === undefined) continue;
      if (names.has(name)) {
        const message = `Duplicate stage name ${quoteString(name)}, stage names should be unique`;
        yield { message, location: from.location, focus: from.as?.name.location };
      }
      names.add(name);
    }
  },
);
