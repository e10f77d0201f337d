import type { TextPosition } from '../../../contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../../contract/errors.ts';

/** True for a position inside a range or at one of its ends. */
export function isWithin({ line, column }: TextPosition, location: SourceLocation): boolean {
  const isAfterStart = line > location.line || (line === location.line && column >= location.column);
  const isBeforeEnd = line < location.endLine || (line === location.endLine && column <= location.endColumn);
  return isAfterStart && isBeforeEnd;
}
