import type { Fix, SourceLocation } from '../../../contract/errors.ts';
import type { Expansion } from '../expand-word.ts';
import { flagValueLocation } from '../flag-value-location.ts';
import { nearest } from '../nearest.ts';
import { defineCheck } from './check-context.ts';
import type { CheckContext, EvaluatedFrom } from './check-context.ts';

interface UnsetName {
  readonly name: string;
  readonly location: SourceLocation;
}

function unsetNames(expansion: Expansion | undefined, location: SourceLocation): readonly UnsetName[] {
  return Array.from(expansion?.unset ?? [], (name) => ({ name, location }));
}

function unsetIn({ stage: { from }, image, platform }: EvaluatedFrom): readonly UnsetName[] {
  return [
    ...unsetNames(image, from.image.location),
    ...unsetNames(platform, flagValueLocation(from, 'platform')),
  ];
}

function fixesFor(
  { fixing, dockerfile }: CheckContext,
  { name, location }: UnsetName,
  likely: string | undefined,
): readonly Fix[] {
  const renames = likely === undefined ? [] : fixing.renameVariable(location, name, likely);
  const first = dockerfile.stages[0]?.from;
  if (first === undefined) return [];
  const isLower = first.keyword.text === first.keyword.text.toLowerCase();
  const line = `${isLower ? 'arg' : 'ARG'} ${name}`;
  const edits = [fixing.insertAbove(first.location, line)];
  const declare = { title: `Declare it above the first FROM: ${line}`, edits };
  return renames.length === 0 ? [declare] : [{ title: `Write ${likely}`, edits: renames }, declare];
}

export const undefinedArgInFrom = defineCheck(
  'UndefinedArgInFrom',
  'A variable in FROM is declared by an ARG before the first FROM.',
  function* (context) {
    const { froms, globalNames } = context;
    for (const from of froms) {
      for (const unset of unsetIn(from)) {
        if (globalNames.has(unset.name)) continue;
        const likely = nearest(unset.name, globalNames);
        const hint = likely === undefined ? '' : ` (did you mean ${likely}?)`;
        const message = `FROM argument '${unset.name}' is not declared${hint}`;
        const fixes = fixesFor(context, unset, likely);
        const focus = context.fixing.usesOf(unset.location, unset.name)[0] ?? unset.location;
        yield { message, location: from.stage.from.location, focus, fixes };
      }
    }
  },
);
