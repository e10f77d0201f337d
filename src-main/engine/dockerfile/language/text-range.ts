import type { SourceLocation } from '../../../contract/errors.ts';
import { locate } from '../source-text.ts';
import type { Piece, SourceText } from '../source-text.ts';

/** A run of characters of a logical line: `end` is exclusive. */
export interface TextRange {
  readonly start: number;
  readonly end: number;
}

/** The last piece that begins on `line` or before it. */
function pieceOfLine(pieces: readonly Piece[], line: number): number {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((pieces[middle] as Piece).line <= line) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Where a place of the file stands in the logical line; one that is not part of it is moved to what comes next. */
export function offsetAt(source: SourceText, line: number, column: number): number {
  const at = pieceOfLine(source.pieces, line);
  const piece = source.pieces[at] as Piece;
  const end = source.pieces[at + 1]?.offset ?? source.text.length;
  if (piece.line < line) return end;
  return Math.min(Math.max(piece.offset + column - piece.column, piece.offset), end);
}

/** The inverse of `locate`. */
export function rangeOf(source: SourceText, location: SourceLocation): TextRange {
  return {
    start: offsetAt(source, location.line, location.column),
    end: offsetAt(source, location.endLine, location.endColumn),
  };
}

export function textOf(source: SourceText, range: TextRange): string {
  return source.text.slice(range.start, range.end);
}

export function locateRange(source: SourceText, range: TextRange): SourceLocation {
  return locate(source, range.start, range.end);
}

/** The columns of the characters of the logical line that stand on `line`, or undefined where there are none. */
export function columnsOnLine(source: SourceText, line: number): TextRange | undefined {
  const at = pieceOfLine(source.pieces, line);
  const piece = source.pieces[at] as Piece;
  if (piece.line !== line) return undefined;
  const length = (source.pieces[at + 1]?.offset ?? source.text.length) - piece.offset;
  return { start: piece.column, end: piece.column + length };
}
