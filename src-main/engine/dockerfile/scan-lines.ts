import type { SourceLocation } from '../../contract/errors.ts';
import type { EscapeCharacter } from './dockerfile.ts';
import { skipSpace, trimmedEnd } from './white-space.ts';
import type { Piece, SourceText } from './source-text.ts';

/** One line of the file. */
export interface Line {
  /** Counted from 1. */
  readonly number: number;
  /** Without its line end; on the first line a byte order mark is still there. */
  readonly text: string;
  /** The line end as written: line feed, carriage return and line feed, or nothing at the end of the file. */
  readonly ending: string;
  /** Offset of the first character that counts: 1 after a byte order mark, else 0. */
  readonly start: number;
}

/** Lines joined at their continuations: one instruction without its here-documents. */
export interface LogicalLine {
  readonly source: SourceText;
  /** How many lines of the file it takes. */
  readonly lineCount: number;
  /** Empty lines between a continuation and what it continues with. */
  readonly emptyContinuations: readonly SourceLocation[];
}

const BYTE_ORDER_MARK = '\ufeff';

export function splitLines(text: string): readonly Line[] {
  const lines: Line[] = [];
  let from = 0;
  while (from < text.length) {
    const feed = text.indexOf('\n', from);
    const next = feed < 0 ? text.length : feed + 1;
    let end = feed < 0 ? next : feed;
    while (end > from && text[end - 1] === '\r') end -= 1;
    const start = from === 0 && text.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
    lines.push({
      number: lines.length + 1,
      text: text.slice(from, end),
      ending: text.slice(end, next),
      start,
    });
    from = next;
  }
  return lines;
}

/** True for a line whose first character other than white space is `#`. */
export function isComment(line: Line): boolean {
  return line.text[skipSpace(line.text, line.start)] === '#';
}

/** The offset of the escape character that continues the line, or undefined. Two of them continue nothing. */
function continuationAt(text: string, start: number, escape: EscapeCharacter): number | undefined {
  let end = text.length;
  while (end > start && (text[end - 1] === ' ' || text[end - 1] === '\t')) end -= 1;
  if (end === start || text[end - 1] !== escape) return undefined;
  return end - 1 > start && text[end - 2] === escape ? undefined : end - 1;
}

/** A line with nothing on it but white space. */
function isBlank(line: Line): boolean {
  return trimmedEnd(line.text) <= line.start;
}

/**
 * Joins the line at `index` with those that continue it. Comments in between are left out, empty lines too.
 * White space at the start of the first line is dropped, that of the lines after it is kept.
 */
export function joinLines(
  lines: readonly Line[],
  index: number,
  escape: EscapeCharacter,
  file: string,
): LogicalLine {
  const parts: string[] = [];
  const pieces: Piece[] = [];
  const emptyContinuations: SourceLocation[] = [];
  let offset = 0;
  let at = index;
  let continued = true;
  for (; continued && at < lines.length; at += 1) {
    const line = lines[at] as Line;
    const isFirst = at === index;
    if (!isFirst && isComment(line)) continue;
    if (!isFirst && isBlank(line)) {
      emptyContinuations.push(lineLocation(line, file));
      continue;
    }
    const start = isFirst ? skipSpace(line.text, line.start) : 0;
    const end = continuationAt(line.text, start, escape);
    continued = end !== undefined;
    const part = line.text.slice(start, end);
    pieces.push({ offset, line: line.number, column: start + 1 });
    parts.push(part);
    offset += part.length;
  }
  const source = { file, text: parts.join(''), pieces };
  return { source, lineCount: at - index, emptyContinuations };
}

/** The range of a whole line. */
export function lineLocation(line: Line, file: string): SourceLocation {
  const endColumn = line.text.length + 1;
  return { file, line: line.number, column: 1, endLine: line.number, endColumn };
}
