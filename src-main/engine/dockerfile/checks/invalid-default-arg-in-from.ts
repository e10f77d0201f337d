import { isEngineError } from '../../../contract/errors.ts';
import type { Environment } from '../expand-word.ts';
import { expandWord } from '../expand-word.ts';
import { isImageName } from '../is-image-name.ts';
import { defineCheck } from './check-context.ts';

function expandImage(image: string, globals: Environment, escape: string): string | undefined {
  try {
    return expandWord(image, globals, { escape });
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}

export const invalidDefaultArgInFrom = defineCheck(
  'InvalidDefaultArgInFrom',
  'FROM names an image also when no build argument is given.',
  function* ({ dockerfile, defaultGlobals }) {
    if (defaultGlobals === undefined) return;
    for (const { from } of dockerfile.stages) {
      const image = expandImage(from.image.text, defaultGlobals, dockerfile.escape);
      if (image === undefined || isImageName(image)) continue;
      const message = `Default value for ARG ${from.image.text} results in empty or invalid base image name`;
      yield { message, location: from.location, focus: from.image.location };
    }
  },
);
