import { EngineError } from '../../contract/errors.ts';
import type { EngineErrorOptions, SourceLocation } from '../../contract/errors.ts';

type Help = Pick<EngineErrorOptions, 'hint' | 'fixes'>;

/**
 * The error for a Dockerfile that is wrong at one place: thrown by one instruction's parser, collected for all. `help`
 * is a hint, or a hint with fixes.
 */
export function dockerfileError(
  message: string,
  location: SourceLocation,
  help?: string | Help,
): EngineError {
  const { hint, fixes } = typeof help === 'object' ? help : { hint: help };
  return new EngineError('DOCKERFILE', message, { location, hint, fixes });
}

/** Any error of a Dockerfile's text as one with a place: its own, else `location`. */
export function placedError(error: EngineError, location: SourceLocation): EngineError {
  const { message, hint, fixes } = error;
  const place = error.location ?? location;
  return new EngineError('DOCKERFILE', message, { hint, fixes, location: place, cause: error });
}
