import type { Fix } from '../../../contract/errors.ts';
import type { Stage } from '../dockerfile.ts';
import { defineCheck } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** A FROM below that has the name in its wrong case means an image of that name, which cannot be: it is renamed too. */
function lowerCaseFix(fixing: Fixing, stage: Stage, written: string, lower: string): Fix {
  const below = fixing.dockerfile.stages.slice(stage.index + 1).map(({ from }) => from.image);
  const missed = below.filter((image) => image.text === written);
  const edits = [
    ...fixing.rename(stage, lower),
    ...missed.map(({ location }) => ({ location, text: lower })),
  ];
  return { title: 'Write the name in lower case', edits };
}

export const stageNameCasing = defineCheck(
  'StageNameCasing',
  'A stage name is written in lower case.',
  function* ({ dockerfile, fixing }) {
    for (const stage of dockerfile.stages) {
      const name = stage.from.as?.name;
      const lower = stage.name;
      if (name === undefined || lower === undefined || name.text === lower) continue;
      const message = `Stage name '${name.text}' should be lowercase`;
      const fixes = [lowerCaseFix(fixing, stage, name.text, lower)];
      yield { message, location: stage.from.location, focus: name.location, fixes };
    }
  },
);
