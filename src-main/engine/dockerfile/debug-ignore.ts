import { EngineError } from '../../contract/errors.ts';
import { answer, readRows } from './debug-rows.ts';
import { compileIgnore } from './ignore-file.ts';

function ignoreRow(row: Record<string, unknown>): boolean {
  const { patterns, path } = row;
  const isList = Array.isArray(patterns) && patterns.every((pattern) => typeof pattern === 'string');
  if (!isList || typeof path !== 'string') {
    throw new EngineError('INVALID_INPUT', 'patterns must be an array of strings and path a string');
  }
  return compileIgnore(patterns).ignores(path);
}

/**
 * `varve debug ignore --json`: for each row `{patterns, path}` whether the path is ignored, `"error"` for
 * malformed patterns. Throws INVALID_INPUT when `rows` is no array of objects.
 */
export function debugIgnore(rows: unknown): (boolean | 'error')[] {
  return readRows(rows).map((row) => {
    const result = answer(() => ignoreRow(row));
    return typeof result === 'boolean' ? result : 'error';
  });
}
