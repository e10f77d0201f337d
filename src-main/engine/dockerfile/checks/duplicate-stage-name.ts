import type { Fix } from '../../../contract/errors.ts';
import type { Stage } from '../dockerfile.ts';
import { quoteString } from '../go-quote.ts';
import { defineCheck } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** None where something above the stage means it: what that was to be, only its author knows. */
function renameFixes(fixing: Fixing, stage: Stage, name: string): readonly Fix[] {
  const { line } = stage.from.location;
  if (fixing.mentionsOf(stage).some((mention) => mention.location.line < line)) return [];
  const other = fixing.freeName(name);
  return [{ title: `Call this one ${other}`, edits: fixing.rename(stage, other) }];
}

export const duplicateStageName = defineCheck(
  'DuplicateStageName',
  'Every stage has a name of its own.',
  function* ({ dockerfile, fixing }) {
    const names = new Set<string>();
    for (const stage of dockerfile.stages) {
      const { name, from } = stage;
      if (name === undefined) continue;
      if (names.has(name)) {
        const message = `Duplicate stage name ${quoteString(name)}, stage names should be unique`;
        const fixes = renameFixes(fixing, stage, name);
        yield { message, location: from.location, focus: from.as?.name.location, fixes };
      }
      names.add(name);
    }
  },
);
