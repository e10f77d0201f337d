import type { Fix } from '../../../contract/errors.ts';
import { replaceFix } from '../did-you-mean.ts';
import type { Dockerfile, Stage } from '../dockerfile.ts';
import { findBaseStage } from '../find-stage.ts';
import { quoteString } from '../go-quote.ts';
import type { Flag } from '../instruction.ts';
import { parsePlatformText } from '../platform-text.ts';
import { defineCheck } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** True for the last stage and those that it builds on: their platform is the image's. */
function isOfImage({ stages }: Dockerfile, stage: Stage): boolean {
  let at = stages.at(-1);
  while (at !== undefined && at !== stage) at = findBaseStage(stages, at.index, at.from.image.text);
  return at === stage;
}

/** A stage that others only copy from most likely compiles: it runs best where the build runs. */
function fixesFor(fixing: Fixing, stage: Stage, flag: Flag): readonly Fix[] {
  const remove = { title: 'Remove the flag', edits: [fixing.removeWord(flag.location)] };
  if (isOfImage(fixing.dockerfile, stage)) return [remove];
  return [replaceFix('Write $BUILDPLATFORM', flag.valueLocation, '$BUILDPLATFORM'), remove];
}

export const fromPlatformFlagConstDisallowed = defineCheck(
  'FromPlatformFlagConstDisallowed',
  'A platform fixed in FROM makes the image the same on every target, unless the stage is named after it.',
  function* ({ froms, fixing }) {
    for (const { stage, platform } of froms) {
      const flag = stage.from.flags.find(({ name }) => name === 'platform');
      if (flag === undefined || platform === undefined) continue;
      if (platform.used.size + platform.unset.size > 0) continue;
      const parsed = parsePlatformText(platform.text);
      const name = stage.name ?? '';
      if (parsed === undefined || name.includes(parsed.os) || name.includes(parsed.architecture)) continue;
      const message = `FROM --platform flag should not use constant value ${quoteString(platform.text)}`;
      const fixes = fixesFor(fixing, stage, flag);
      yield { message, location: stage.from.location, focus: flag.location, fixes };
    }
  },
);
