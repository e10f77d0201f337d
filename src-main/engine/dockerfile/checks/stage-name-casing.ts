import { replaceFix } from '../did-you-mean.ts';
import { defineCheck } from './check-context.ts';

export const stageNameCasing = defineCheck(
  'StageNameCasing',
  'A stage name is written in lower case.',
  function* ({ dockerfile }) {
    for (const { from } of dockerfile.stages) {
      const name = from.as?.name;
      const lower = from.stageName;
      if (name === undefined || lower === undefined || name.text === lower) continue;
      const fix = replaceFix('Write the name in lower case', name.location, lower);
      const message = `Stage name '${name.text}' should be lowercase`;
      yield { message, location: from.location, focus: name.location, fixes: [fix] };
    }
  },
);
