import { visibleText } from './clean-text.ts';
import { characterWidth } from './display-width.ts';

/** A range of columns in one line, in UTF-16 code units counted from 1, the end exclusive. */
export interface ColumnRange {
  readonly column: number;
  readonly endColumn: number;
}

/** A line as it is shown, and what stands below it. */
export interface MarkedLine {
  readonly text: string;
  /** Spaces up to the range, then a caret for each of its columns, at least one. */
  readonly marker: string;
}

/** A character as it is shown. */
interface Cell {
  readonly text: string;
  readonly width: number;
}

interface Parts {
  readonly before: readonly Cell[];
  readonly inside: readonly Cell[];
  readonly after: readonly Cell[];
  /** Whether there is more of the line on either side. */
  readonly cutStart: boolean;
  readonly cutEnd: boolean;
}

const TAB = '    ';
const BYTE_ORDER_MARK = '\ufeff';
const ELLIPSIS: Cell = { text: '…', width: 1 };

/**
 * A line with a marker under a range of it. The marker stands right under tabs and wide characters too; a line that
 * does not fit into `width` columns is cut around the range; nothing in it can act on a terminal (RULES, S15).
 */
export function markLine(line: string, range: ColumnRange, width: number): MarkedLine {
  const skipped = line.startsWith(BYTE_ORDER_MARK) ? 1 : 0;
  const column = clamp(range.column - skipped, 1, line.length - skipped + 1);
  const endColumn = clamp(range.endColumn - skipped, column, line.length - skipped + 1);
  return fit(split(line.slice(skipped), { column, endColumn }, width), width);
}

function clamp(value: number, least: number, most: number): number {
  return Math.max(least, Math.min(value, most));
}

/** A line may have megabytes: only what can be shown is looked at. */
function split(line: string, { column, endColumn }: ColumnRange, width: number): Parts {
  const start = Math.max(0, column - 1 - width);
  const end = Math.min(line.length, column - 1 + 2 * width);
  const last = Math.min(endColumn - 1, end);
  return {
    before: toCells(line.slice(start, column - 1)),
    inside: toCells(line.slice(column - 1, last)),
    after: toCells(line.slice(last, end)),
    cutStart: start > 0,
    cutEnd: end < line.length,
  };
}

function toCells(text: string): readonly Cell[] {
  return Array.from(text.toWellFormed(), (character) => {
    const shown = character === '\t' ? TAB : visibleText(character);
    return { text: shown, width: shown.length > 2 ? shown.length : characterWidth(shown) };
  });
}

/** Where there is not enough room, what stands before the range gets at most a third, or what the rest leaves. */
function fit(parts: Parts, width: number): MarkedLine {
  const { before, inside, after, cutStart, cutEnd } = parts;
  const sizes = { inside: widthOf(inside), after: widthOf(after) };
  if (!cutStart && !cutEnd && widthOf(before) + sizes.inside + sizes.after <= width) return join(parts);
  const lead = takeLast(before, Math.max(Math.floor(width / 3), width - sizes.inside - sizes.after) - 1);
  const shown = cutStart || lead.length < before.length ? [ELLIPSIS, ...lead] : lead;
  const room = width - widthOf(shown);
  const hasMore = cutEnd || after.length > 0;
  if (sizes.inside + (hasMore ? 1 : 0) > room) {
    return join({ before: shown, inside: takeFirst(inside, room - 1), after: [ELLIPSIS] });
  }
  const left = room - sizes.inside;
  const isWhole = !cutEnd && sizes.after <= left;
  return join({ before: shown, inside, after: isWhole ? after : [...takeFirst(after, left - 1), ELLIPSIS] });
}

function join({ before, inside, after }: Pick<Parts, 'before' | 'inside' | 'after'>): MarkedLine {
  const text = [...before, ...inside, ...after].map((cell) => cell.text).join('');
  return { text, marker: ' '.repeat(widthOf(before)) + '^'.repeat(Math.max(1, widthOf(inside))) };
}

function takeFirst(cells: readonly Cell[], width: number): readonly Cell[] {
  let used = 0;
  const end = cells.findIndex((cell) => (used += cell.width) > width);
  return end < 0 ? cells : cells.slice(0, end);
}

function takeLast(cells: readonly Cell[], width: number): readonly Cell[] {
  return takeFirst(cells.toReversed(), width).toReversed();
}

function widthOf(cells: readonly Cell[]): number {
  return cells.reduce((sum, cell) => sum + cell.width, 0);
}
