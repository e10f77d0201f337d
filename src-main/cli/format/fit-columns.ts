import { characterWidth } from './display-width.ts';

const COLOUR = /^\x1b\[[0-9;:]*m/;
const RESET = '\x1b[0m';
const TAB_COLUMNS = 8;

/** The columns that a line takes on a terminal; colours take none. */
export function countColumns(line: string): number {
  let columns = 0;
  for (const { width } of cellsOf(line)) columns += width;
  return columns;
}

/**
 * A clean line cut to so many columns, with an ellipsis where something is missing. Tabs become spaces, for how far one
 * goes depends on where the line begins; a colour that was begun is ended.
 */
export function fitColumns(line: string, columns: number): string {
  let [shown, kept, used] = ['', '', 0];
  for (const { text, width } of cellsOf(line)) {
    used += width;
    if (used > columns) return `${kept}${columns > 0 ? '…' : ''}${kept.includes('\x1b') ? RESET : ''}`;
    shown += text;
    if (used < columns) kept = shown;
  }
  return shown;
}

interface Cell {
  readonly text: string;
  readonly width: number;
}

function* cellsOf(line: string): Generator<Cell, void, undefined> {
  let column = 0;
  for (let at = 0; at < line.length;) {
    const cell = cellAt(line, at, column);
    column += cell.width;
    yield cell.text === '\t' ? { ...cell, text: ' '.repeat(cell.width) } : cell;
    at += cell.text.length;
  }
}

function cellAt(line: string, at: number, column: number): Cell {
  const colour = line[at] === '\x1b' ? COLOUR.exec(line.slice(at, at + 64))?.[0] : undefined;
  if (colour !== undefined) return { text: colour, width: 0 };
  const text = String.fromCodePoint(line.codePointAt(at) ?? 0);
  return { text, width: text === '\t' ? TAB_COLUMNS - (column % TAB_COLUMNS) : characterWidth(text) };
}
