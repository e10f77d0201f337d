import { EngineError, type SourceLocation } from '../../contract/errors.ts';
import { splitLines } from './scan-lines.ts';

/** Nobody reads further along a line than this, and an excerpt may cross a boundary. */
const MAX_LENGTH = 64 * 1024;

/** Finds the lines that errors and warnings of one Dockerfile point at. */
export interface Excerpts {
  /** The first line of the range without its line end; undefined for another file's and for a line that is not there. */
  lineOf(location: SourceLocation): string | undefined;
  /** The same error with its line; what has no place in this file, or a line already, stays as it is. */
  addTo(error: unknown): unknown;
}

export function createExcerpts(text: string, file: string): Excerpts {
  let lines: readonly { readonly text: string }[] | undefined;
  const lineOf = (location: SourceLocation): string | undefined => {
    if (location.file !== file || location.column > MAX_LENGTH) return undefined;
    lines ??= splitLines(text);
    return lines[location.line - 1]?.text.slice(0, MAX_LENGTH);
  };
  return { lineOf, addTo: (error) => addExcerpt(error, lineOf) };
}

function addExcerpt(error: unknown, lineOf: Excerpts['lineOf']): unknown {
  if (!(error instanceof EngineError) || error.location === undefined || error.excerpt !== undefined)
    return error;
  const { code, message, hint, location, fixes, cause } = error;
  return new EngineError(code, message, { hint, location, fixes, cause, excerpt: lineOf(location) });
}
