import type { SourceLocation } from '../../contract/errors.ts';

/** Where a run of characters of a logical line stands in the file. Lines and columns count from 1. */
export interface Piece {
  /** Offset of the run's first character in the logical line. */
  readonly offset: number;
  readonly line: number;
  readonly column: number;
}

/** An instruction's text with its continuations joined, and the way back to the file. */
export interface SourceText {
  readonly file: string;
  readonly text: string;
  /** In ascending order of offset; the first has offset 0. */
  readonly pieces: readonly Piece[];
}

function pieceAt(pieces: readonly Piece[], offset: number): Piece {
  let low = 0;
  let high = pieces.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((pieces[middle] as Piece).offset <= offset) low = middle;
    else high = middle - 1;
  }
  return pieces[low] as Piece;
}

/** The file's range for the characters from `start` to `end` (exclusive) of the logical line. */
export function locate(source: SourceText, start: number, end: number): SourceLocation {
  const first = pieceAt(source.pieces, start);
  const last = pieceAt(source.pieces, Math.max(start, end - 1));
  return {
    file: source.file,
    line: first.line,
    column: first.column + start - first.offset,
    endLine: last.line,
    endColumn: last.column + Math.max(start, end) - last.offset,
  };
}
