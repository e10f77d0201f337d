import { EngineError, type SourceLocation } from '../../../contract/errors.ts';

/** An error of an instruction with the instruction's place, when it does not know a nearer one. */
export function withLocation(error: unknown, location: SourceLocation): unknown {
  if (!(error instanceof EngineError) || error.location !== undefined) return error;
  const { code, message, hint, fixes, cause } = error;
  return new EngineError(code, message, { hint, fixes, cause, location });
}

/** The same for what is computed later. */
export async function located<T>(location: SourceLocation, compute: () => Promise<T>): Promise<T> {
  try {
    return await compute();
  } catch (error) {
    throw withLocation(error, location);
  }
}

/** Runs `compute`; an EngineError without a location gets this one. */
export function locateError<T>(location: SourceLocation, compute: () => T): T {
  try {
    return compute();
  } catch (error) {
    throw withLocation(error, location);
  }
}
