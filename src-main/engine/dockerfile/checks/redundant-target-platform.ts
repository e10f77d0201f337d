import { defineCheck } from './check-context.ts';

const NAME = 'TARGETPLATFORM';

export const redundantTargetPlatform = defineCheck(
  'RedundantTargetPlatform',
  'FROM takes the target platform without being told.',
  function* ({ froms, globals }) {
    for (const { stage, platform } of froms) {
      if (platform === undefined || platform.unset.size > 0 || platform.used.size !== 1) continue;
      if (!platform.used.has(NAME) || platform.text !== globals.get(NAME)) continue;
      const { location, flags } = stage.from;
      const written = stage.from.platform ?? '';
      yield {
        message: `Setting platform to predefined ${written} in FROM is redundant as this is the default behavior`,
        location,
        focus: flags[0]?.location,
      };
    }
  },
);
