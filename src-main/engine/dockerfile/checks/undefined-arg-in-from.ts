import type { Expansion } from '../expand-word.ts';
import { nearest } from '../nearest.ts';
import { defineCheck } from './check-context.ts';

function unsetNames(...expansions: readonly (Expansion | undefined)[]): readonly string[] {
  return expansions.flatMap((expansion) => Array.from(expansion?.unset ?? []));
}

export const undefinedArgInFrom = defineCheck(
  'UndefinedArgInFrom',
  'A variable in FROM is declared by an ARG before the first FROM.',
  function* ({ froms, globalNames }) {
    for (const { stage, image, platform } of froms) {
      for (const name of unsetNames(image, platform)) {
        if (globalNames.has(name)) continue;
        const likely = nearest(name, globalNames);
        const hint = likely === undefined ? '' : ` (did you mean ${likely}?)`;
        const message = `FROM argument '${name}' is not declared${hint}`;
        yield { message, location: stage.from.location, focus: stage.from.image.location };
      }
    }
  },
);
