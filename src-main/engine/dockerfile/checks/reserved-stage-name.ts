import { quoteString } from '../go-quote.ts';
import { defineCheck } from './check-context.ts';

const RESERVED = ['context', 'scratch'];

export const reservedStageName = defineCheck(
  'ReservedStageName',
  'A stage is not called "context" or "scratch".',
  function* ({ dockerfile, fixing }) {
    for (const stage of dockerfile.stages) {
      const { name, from } = stage;
      if (name === undefined || !RESERVED.includes(name)) continue;
      const message = `Stage name should not use the same name as reserved stage ${quoteString(name)}`;
      const other = fixing.freeName(`${name}-stage`);
      const fixes = [{ title: `Call it ${other}`, edits: fixing.rename(stage, other) }];
      yield { message, location: from.location, focus: from.as?.name.location, fixes };
    }
  },
);
