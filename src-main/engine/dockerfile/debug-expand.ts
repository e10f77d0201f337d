import { EngineError } from '../../contract/errors.ts';
import { answer, isRecord, readRows } from './debug-rows.ts';
import { expandWord } from './expand-word.ts';

function readEnvironment(value: unknown): ReadonlyMap<string, string> {
  if (value === undefined) return new Map();
  const entries = isRecord(value) ? Object.entries(value) : [];
  const strings = entries.filter((entry): entry is [string, string] => typeof entry[1] === 'string');
  if (!isRecord(value) || strings.length !== entries.length) {
    throw new EngineError('INVALID_INPUT', 'env must be an object of strings');
  }
  return new Map(strings);
}

function expandRow(row: Record<string, unknown>): string {
  const { input, env, escape } = row;
  if (typeof input !== 'string' || (escape !== undefined && typeof escape !== 'string')) {
    throw new EngineError('INVALID_INPUT', 'input and escape must be strings');
  }
  return expandWord(input, readEnvironment(env), { escape });
}

/**
 * `varve debug expand --json`: for each row `{input, env, escape?}` the expanded word or `{error}`.
 * Throws INVALID_INPUT when `rows` is no array of objects.
 */
export function debugExpand(rows: unknown): (string | { readonly error: string })[] {
  return readRows(rows).map((row) => answer(() => expandRow(row)));
}
