import { quoteString } from '../go-quote.ts';
import { parsePlatformText } from '../platform-text.ts';
import { defineCheck } from './check-context.ts';

export const invalidBaseImagePlatform = defineCheck(
  'InvalidBaseImagePlatform',
  'The base image is of the platform that is built for.',
  function* ({ froms, isLookedAt }) {
    for (const { stage, image, wanted: wantedFor, base } of froms) {
      if (base?.platform === undefined || !isLookedAt(stage.index)) continue;
      const expected = parsePlatformText(wantedFor);
      const actual = parsePlatformText(base.platform);
      if (expected === undefined || actual === undefined) continue;
      if (expected.os === actual.os && expected.architecture === actual.architecture) continue;
      const [was, wanted] = [quoteString(actual.text), quoteString(expected.text)];
      const name = image?.text ?? stage.from.image.text;
      const message = `Base image ${name} was pulled with platform ${was}, expected ${wanted} for current build`;
      yield { message, location: stage.from.location, focus: stage.from.image.location };
    }
  },
);
