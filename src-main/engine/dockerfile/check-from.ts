import type { EngineError } from '../../contract/errors.ts';
import type { EvaluatedFrom } from './checks/check-context.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Expansion } from './expand-word.ts';
import { isImageName } from './is-image-name.ts';
import { nearest } from './nearest.ts';
import { parsePlatformText } from './platform-text.ts';

const NAME_HINT = 'Write name[:tag] or name@sha256:…, in lower case.';

function hintFor(expansion: Expansion, names: ReadonlySet<string>): string {
  const [name] = expansion.unset;
  if (name === undefined) return 'Write FROM and an image, or FROM scratch.';
  const likely = nearest(name, names);
  if (likely !== undefined) return `Did you mean ${likely}?`;
  return `Give ${name} a default in an ARG before the first FROM, or a value with --build-arg.`;
}

/** A FROM that comes out empty or names no image, and a platform that is none. */
export function* checkFrom(
  { stage, image, isImage, platform }: EvaluatedFrom,
  names: ReadonlySet<string>,
): Generator<EngineError> {
  const { from } = stage;
  if (image?.text === '') {
    const message = `the base image ${from.image.text} comes out empty`;
    yield dockerfileError(message, from.image.location, hintFor(image, names));
  }
  if (isImage && image !== undefined && image.text !== '' && !isImageName(image.text)) {
    const message = `${JSON.stringify(image.text)} cannot be the name of an image`;
    yield dockerfileError(message, from.image.location, NAME_HINT);
  }
  if (platform === undefined || parsePlatformText(platform.text) !== undefined) return;
  const location = from.flags.find((flag) => flag.name === 'platform')?.valueLocation ?? from.location;
  const message = `--platform=${from.platform ?? ''} is no platform`;
  yield dockerfileError(
    message,
    location,
    platform.text === '' ? hintFor(platform, names) : 'Write os/arch.',
  );
}
