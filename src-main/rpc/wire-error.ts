import { EngineError } from '../contract/errors.ts';
import type { WireError } from './envelope.ts';

/** What of an error may leave the process. */
export function formatWireError(error: EngineError): WireError {
  return {
    code: error.code,
    message: error.message,
    ...(error.hint !== undefined && { hint: error.hint }),
    ...(error.location !== undefined && { location: error.location }),
    ...(error.excerpt !== undefined && { excerpt: error.excerpt }),
  };
}

/** The inverse: the same error on the caller's side. */
export function parseWireError({ code, message, hint, location, excerpt }: WireError): EngineError {
  return new EngineError(code, message, { hint, location, excerpt });
}
