import type { Statement } from '../statement.ts';
import type { Line } from '../scan-lines.ts';
import { trimmedEnd } from '../white-space.ts';
import { layoutSegments } from './layout-segments.ts';
import { columnsOnLine } from './text-range.ts';
import type { TextRange } from './text-range.ts';

const INDENT = '    ';

/** What becomes of a character: it stays, it is raised to upper case, or it is white space that means nothing. */
type Fate = 'keep' | 'raise' | 'gap';

function fatesOf(statement: Statement): readonly Fate[] {
  const segments = layoutSegments(statement);
  const start = segments[0]?.start ?? 0;
  const fates = new Array<Fate>(statement.args.source.text.length).fill('gap').fill('keep', 0, start);
  for (const segment of segments) fates.fill(segment.upper ? 'raise' : 'keep', segment.start, segment.end);
  return fates;
}

/** A statement's lines written anew, by their numbers. */
export interface StatementLayout {
  /** The lines that have text of the statement, without comments, empty lines and here-documents. */
  readonly lines: ReadonlyMap<number, string>;
  /** The lines after which only white space without meaning may come: what follows is indented. */
  readonly gapsAfter: ReadonlySet<number>;
}

/**
 * Lays a statement out: one space between its words, four at the start of a line that continues it, names of the
 * language in upper case. No word moves to another line, and text that a build sees stays as it is.
 */
export function layoutStatement(statement: Statement, lines: readonly Line[]): StatementLayout {
  const { escape } = statement;
  const { source } = statement.args;
  const fates = fatesOf(statement);
  const written = new Map<number, string>();
  const gapsAfter = new Set<number>();
  source.pieces.forEach(({ offset, line }, index) => {
    const end = source.pieces[index + 1]?.offset ?? source.text.length;
    const continues = isContinued(statement, lines[line - 1]);
    const text = writeLine(source.text, fates, { start: offset, end }, continues);
    written.set(line, continues ? text + escape : text);
    if (isBoundary(fates, end)) gapsAfter.add(line);
  });
  return { lines: written, gapsAfter };
}

/** True when an escape character comes after a line's words. */
function isContinued(statement: Statement, line: Line | undefined): boolean {
  const column = line && columnsOnLine(statement.args.source, line.number)?.end;
  return column !== undefined && trimmedEnd(line?.text ?? '') >= column;
}

/** True where a line ends in white space that means nothing. */
function isBoundary(fates: readonly Fate[], offset: number): boolean {
  return offset > 0 && (fates[offset - 1] === 'gap' || fates[offset] === 'gap');
}

function writeLine(
  text: string,
  fates: readonly Fate[],
  { start, end }: TextRange,
  continues: boolean,
): string {
  let body = '';
  for (let at = start; at < end; at += 1) {
    if (fates[at] !== 'gap') body += fates[at] === 'raise' ? text.charAt(at).toUpperCase() : text.charAt(at);
    else if (at > start && fates[at - 1] !== 'gap') body += ' ';
  }
  const lead = isBoundary(fates, start) ? INDENT : '';
  if (!continues) return lead + trailed(body, text, fates, end);
  const isSpaced = body !== '' && !body.endsWith(' ') && isBoundary(fates, end);
  return lead + body + (isSpaced ? ' ' : '');
}

/** Spaces and tabs go from a line's end; any other white space might hide a character that would mean something there. */
function trailed(body: string, text: string, fates: readonly Fate[], end: number): string {
  let from = end;
  while (from > 0 && fates[from - 1] === 'gap') from -= 1;
  if (from === end) return body;
  return body.replace(/ $/, '') + text.slice(from, end).replace(/[ \t]+$/, '');
}
