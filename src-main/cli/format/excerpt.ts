import type { SourceLocation } from '../../contract/errors.ts';
import type { Output } from '../output.ts';
import { markLine, type ColumnRange } from './mark-line.ts';

/** Where an excerpt goes: its width, and whether the marker may be red. */
export type ExcerptTarget = Pick<Output, 'columns' | 'hasColours'>;

const WIDTH_WITHOUT_TERMINAL = 120;
/** A window that is too narrow for anything shows this much of a line all the same. */
const LEAST_WIDTH = 20;
const NUMBER_WIDTH = 5;
const AROUND_ONE = 2;
const AROUND_SEVERAL = 1;
const RED = '\x1b[31m';
const PLAIN = '\x1b[0m';

/**
 * The line that `location` begins in, with a marker under the range; of a range of several lines the first is marked:
 *
 *         3 | COPY --form=build /app /app
 *           |      ^^^^^^
 */
export function formatExcerpt(line: string, location: SourceLocation, target: ExcerptTarget): string[] {
  const gutter = ' '.repeat(NUMBER_WIDTH);
  const width = widthLeft(target, gutter.length + ' | '.length);
  const { text, marker } = markLine(line, firstLineRange(line, location), width);
  const more = location.endLine - location.line;
  const note = more <= 0 ? '' : ` and ${more} more ${more === 1 ? 'line' : 'lines'}`;
  return [
    `${String(location.line).padStart(NUMBER_WIDTH)} | ${text}`.trimEnd(),
    `${gutter} | ${paint(marker, target)}${note}`,
  ];
}

/** What a listing is about: the lines that are marked `>>>`, and the range that is underlined. */
export interface ListingFocus {
  readonly lines: { readonly line: number; readonly endLine: number };
  readonly range: SourceLocation;
}

/** The lines of a file around a finding, as docker shows them, with the marker under the range. */
export function formatListing(
  file: readonly string[],
  { lines, range }: ListingFocus,
  target: ExcerptTarget,
): string[] {
  const around = lines.line === lines.endLine ? AROUND_ONE : AROUND_SEVERAL;
  const first = Math.max(1, Math.min(lines.line, range.line) - around);
  const last = Math.max(lines.endLine, range.line) + around;
  const width = widthLeft(target, '   1 | >>> '.length);
  return file.slice(first - 1, last).flatMap((line, at) => {
    const number = first + at;
    const mark = number >= lines.line && number <= lines.endLine ? '>>>' : '   ';
    const isMarked = number === range.line;
    const columns = isMarked ? firstLineRange(line, range) : { column: 1, endColumn: 1 };
    const { text, marker } = markLine(line, columns, width);
    const shown = `${String(number).padStart(4)} | ${mark} ${text}`.trimEnd();
    return isMarked ? [shown, `     |     ${paint(marker, target)}`] : [shown];
  });
}

/** The part of a range in its first line, without the white space at that line's end. */
function firstLineRange(
  line: string,
  { line: first, column, endLine, endColumn }: SourceLocation,
): ColumnRange {
  return { column, endColumn: endLine > first ? line.trimEnd().length + 1 : endColumn };
}

function widthLeft({ columns }: ExcerptTarget, gutter: number): number {
  return Math.max(LEAST_WIDTH, (columns() ?? WIDTH_WITHOUT_TERMINAL) - gutter);
}

function paint(marker: string, { hasColours }: ExcerptTarget): string {
  return hasColours ? marker.replace(/\^+/, (carets) => `${RED}${carets}${PLAIN}`) : marker;
}
