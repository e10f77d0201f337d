import { EngineError } from '../../contract/errors.ts';
import type { SourceLocation } from '../../contract/errors.ts';

/** The error for a Dockerfile that is wrong at one place: thrown by one instruction's parser, collected for all. */
export function dockerfileError(message: string, location: SourceLocation, hint?: string): EngineError {
  return new EngineError('DOCKERFILE', message, { location, hint });
}
