import { isEngineError, type Fix } from '../../../contract/errors.ts';
import { replaceFix } from '../did-you-mean.ts';
import type { Dockerfile } from '../dockerfile.ts';
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

/** A tag that nothing gives is `latest`; what an image's name would be by default, only its author knows. */
function defaultFixes({ globalArgs }: Dockerfile, image: string): readonly Fix[] {
  const [, bare, inBraces = bare] = /:\$(?:(\w+)|\{(\w+)\})$/.exec(image) ?? [];
  const definition = globalArgs.flatMap(({ args }) => args).findLast(({ name }) => name === inBraces);
  if (definition === undefined || (definition.value ?? '') !== '') return [];
  const text = `${definition.name}=latest`;
  return [replaceFix(`Give it a default: ${text}`, definition.location, text)];
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
      const fixes = defaultFixes(dockerfile, from.image.text);
      yield { message, location: from.location, focus: from.image.location, fixes };
    }
  },
);
