import { quoteString } from '../go-quote.ts';
import { defineCheck } from './check-context.ts';

const RESERVED = ['context', 'scratch'];

export const reservedStageName = defineCheck(
  'ReservedStageName',
  'A stage is not called "context" or "scratch".',
  function* ({ dockerfile }) {
    for (const { name, from } of dockerfile.stages) {
      if (name === undefined || !RESERVED.includes(name)) continue;
      const message = `Stage name should not use the same name as reserved stage ${quoteString(name)}`;
      yield { message, location: from.location, focus: from.as?.name.location };
    }
  },
);
