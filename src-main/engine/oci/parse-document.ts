import { EngineError } from '../../contract/errors.ts';

/** The most that a manifest, index or config may weigh (S8). */
export const DOCUMENT_LIMIT_BYTES = 4 * 1024 * 1024;

/** Parses a JSON object of at most 4 MiB in strict UTF-8; `what` names it in errors. */
export function parseDocument(bytes: Uint8Array, what: string): Record<string, unknown> {
  if (bytes.length > DOCUMENT_LIMIT_BYTES) {
    throw new EngineError('LIMIT_EXCEEDED', `the ${what} has ${bytes.length} bytes, more than 4 MiB`);
  }
  const value = parseJson(bytes, what);
  if (typeof value === 'object' && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new EngineError('CORRUPT', `the ${what} is not a JSON object`);
}

function parseJson(bytes: Uint8Array, what: string): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
  } catch (cause) {
    throw new EngineError('CORRUPT', `the ${what} is not JSON`, { cause });
  }
}
