import type { Output } from '../output.ts';
import { cleanText } from './clean-text.ts';
import { fillTemplate, templateFields } from './go-template.ts';
import { formatTable } from './table.ts';

/** A row of a list by docker's keys. */
export type Row = Readonly<Record<string, string | number>>;

/** A column of the table: its heading and the key of its field. */
export type Column = readonly [heading: string, key: string];

/** Prints a list as its verb's `--format` asks: a table when it is absent, JSON lines, or a template a row. */
export function printRows(
  out: Output,
  rows: readonly Row[],
  columns: readonly Column[],
  format: string | undefined,
): void {
  if (format === 'json') return rows.forEach((row) => out.line(JSON.stringify(row)));
  if (format === undefined || format === 'table') return printTable(out, rows, columns);
  if (!format.startsWith('table ')) return rows.forEach((row) => out.line(fillTemplate(format, row)));
  const template = format.slice('table '.length);
  printTable(
    out,
    rows,
    templateFields(template).map((key) => columnOf(columns, key)),
  );
}

function printTable(out: Output, rows: readonly Row[], columns: readonly Column[]): void {
  const heading = columns.map(([title]) => title);
  const cells = rows.map((row) => columns.map(([, key]) => cleanText(fillTemplate(`{{.${key}}}`, row))));
  for (const line of formatTable([heading, ...cells])) out.line(line);
}

function columnOf(columns: readonly Column[], key: string): Column {
  return columns.find(([, known]) => known === key) ?? [key.toUpperCase(), key];
}
