import { quoteString } from '../go-quote.ts';
import { parsePlatformText } from '../platform-text.ts';
import { defineCheck } from './check-context.ts';

export const fromPlatformFlagConstDisallowed = defineCheck(
  'FromPlatformFlagConstDisallowed',
  'A platform fixed in FROM makes the image the same on every target, unless the stage is named after it.',
  function* ({ froms }) {
    for (const { stage, platform } of froms) {
      if (platform === undefined || platform.used.size + platform.unset.size > 0) continue;
      const parsed = parsePlatformText(platform.text);
      const name = stage.name ?? '';
      if (parsed === undefined || name.includes(parsed.os) || name.includes(parsed.architecture)) continue;
      const message = `FROM --platform flag should not use constant value ${quoteString(platform.text)}`;
      yield { message, location: stage.from.location, focus: stage.from.flags[0]?.location };
    }
  },
);
