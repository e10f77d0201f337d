import { defineCheck } from './check-context.ts';

const NAME = 'TARGETPLATFORM';

export const redundantTargetPlatform = defineCheck(
  'RedundantTargetPlatform',
  'FROM takes the target platform without being told.',
  function* ({ froms, globals, fixing }) {
    for (const { stage, platform } of froms) {
      if (platform === undefined || platform.unset.size > 0 || platform.used.size !== 1) continue;
      if (!platform.used.has(NAME) || platform.text !== globals.get(NAME)) continue;
      const { location, flags } = stage.from;
      const flag = flags.find(({ name }) => name === 'platform')?.location ?? location;
      const written = stage.from.platform ?? '';
      yield {
        message: `Setting platform to predefined ${written} in FROM is redundant as this is the default behavior`,
        location,
        focus: flag,
        fixes: [{ title: 'Remove the flag', edits: [fixing.removeWord(flag)] }],
      };
    }
  },
);
