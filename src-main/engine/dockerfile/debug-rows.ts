import { EngineError, isEngineError } from '../../contract/errors.ts';

/** The rows of a table of cases that `varve debug` reads from standard input. Throws INVALID_INPUT for anything else. */
export function readRows(rows: unknown): readonly Record<string, unknown>[] {
  if (Array.isArray(rows) && rows.every(isRecord)) return rows;
  throw new EngineError('INVALID_INPUT', 'the input is not a JSON array of objects', {
    hint: 'Give one object a case, in an array.',
  });
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** The answer of one case: its result, or the message of the error that the engine throws on purpose. */
export function answer<T>(compute: () => T): T | { readonly error: string } {
  try {
    return compute();
  } catch (error) {
    if (isEngineError(error)) return { error: error.message };
    throw error;
  }
}
