import type { SourceLocation } from '../../contract/errors.ts';

/**
 * The place of a part of `text`, which stands at `location`: from `start` to `end` (exclusive). The whole location
 * where the file has it in another form, with quotes or line ends that the text has not.
 */
export function subLocation(
  location: SourceLocation,
  text: string,
  start: number,
  end = text.length,
): SourceLocation {
  const { line, endLine, column, endColumn } = location;
  if (line !== endLine || endColumn - column !== text.length) return location;
  return { ...location, column: column + start, endColumn: column + end };
}

/** The place of the last `length` characters of what stands at `location`. */
export function endOfLocation(location: SourceLocation, length: number): SourceLocation {
  const { line, endLine, column, endColumn } = location;
  if (line !== endLine || endColumn - column < length) return location;
  return { ...location, column: endColumn - length };
}
