import type { TextPosition } from '../../../contract/dockerfiles-api.ts';
import type { Line } from '../scan-lines.ts';
import type { SourceText } from '../source-text.ts';
import type { Slot, Want } from './slot.ts';
import { columnsOnLine, locateRange, offsetAt } from './text-range.ts';
import type { TextRange } from './text-range.ts';
import { isWithin } from './within.ts';

/** A position in a statement: the place in the logical line, and the way back to the file. */
export interface Cursor {
  readonly position: TextPosition;
  readonly offset: number;
  /** A slot for the part of the logical line that a completion takes the place of. */
  slot(want: Want, replace: TextRange): Slot;
}

/** Undefined for a position after the character that continues the line. */
export function cursorIn(
  source: SourceText,
  line: Line | undefined,
  position: TextPosition,
): Cursor | undefined {
  const columns = columnsOnLine(source, position.line);
  const { start, end } = columns ?? { start: Infinity, end: Infinity };
  if (/\S/.test(line?.text.slice(end - 1, position.column - 1) ?? '')) return undefined;
  const isLoose = position.column < start || position.column > end;
  const offset = offsetAt(source, position.line, position.column);
  const here = { ...position, file: source.file, endLine: position.line, endColumn: position.column };
  return {
    position,
    offset,
    slot: (want, replace) => {
      const located = locateRange(source, replace);
      // An empty line in a statement, and space around what it has on a line, is no part of it; and what begins
      // at the end of this line stands on the next one.
      const isThere = !isLoose && replace.start < replace.end && isWithin(position, located);
      return {
        want,
        replace: isThere ? located : here,
        typed: isThere ? source.text.slice(replace.start, offset) : '',
        next: source.text.charAt(replace.end),
      };
    },
  };
}
