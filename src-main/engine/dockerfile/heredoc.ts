import type { SourceLocation } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import { expand } from './expand-word.ts';
import type { Heredoc } from './instruction.ts';
import type { Line } from './scan-lines.ts';

/** `<<NAME` in an instruction's line, before its content is read. */
export interface HeredocStart {
  readonly name: string;
  readonly expand: boolean;
  readonly chomp: boolean;
  readonly fileDescriptor: number;
}

const HEREDOC = /^(\d*)<<(-?)\s*([^<]*)$/;
const NOTHING = new Map<string, string>();

function countQuotes(text: string): number {
  return text.replace(/[^'"]/g, '').length;
}

/** What one word says about a here-document; undefined for any other word. Throws when a quote is not closed. */
export function parseHeredocStart(word: string): HeredocStart | undefined {
  const [, descriptor = '', dash = '', rest = ''] = HEREDOC.exec(word) ?? [];
  if (rest === '') return undefined;
  const [name, ...others] = expand(rest, NOTHING, { keepUnset: true }).words;
  if (name === undefined || others.length > 0) return undefined;
  const written = expand(rest, NOTHING, { keepUnset: true, keepQuotes: true }).text;
  return {
    name,
    expand: countQuotes(name) === countQuotes(written),
    chomp: dash === '-',
    fileDescriptor: Number(descriptor),
  };
}

/** The here-documents that a line opens, in order. A line with an unclosed quote opens those before the quote. */
export function findHeredocs(text: string): readonly HeredocStart[] {
  if (!text.includes('<<')) return [];
  return heredocWords(text)
    .map(parseHeredocStart)
    .filter((start) => start !== undefined);
}

function heredocWords(text: string): readonly string[] {
  try {
    return expand(text, NOTHING, { keepUnset: true, keepQuotes: true, keepEscapes: true }).words;
  } catch {
    // The shell will complain about the quote; a Dockerfile does not have to.
    return [];
  }
}

function findEnd(start: HeredocStart, lines: readonly Line[], index: number): number {
  const isEnd = ({ text }: Line): boolean => (start.chomp ? text.replace(/^\t+/, '') : text) === start.name;
  let at = index;
  for (let line = lines[at]; line !== undefined && !isEnd(line); line = lines[at]) at += 1;
  return at;
}

/** Reads the content from the line at `index` on. Throws when the terminator is missing. */
export function readHeredoc(
  start: HeredocStart,
  lines: readonly Line[],
  index: number,
  opener: SourceLocation,
): Heredoc {
  const end = findEnd(start, lines, index);
  const first = lines[index];
  const last = lines[end];
  if (first === undefined || last === undefined) {
    const hint = `Add a line with nothing but ${start.name}${start.chomp ? '' : ', not indented,'} after the content.`;
    throw dockerfileError(`the here-document ${start.name} is never ended`, opener, hint);
  }
  return {
    ...start,
    content: lines
      .slice(index, end)
      .map((line) => line.text + line.ending)
      .join(''),
    location: {
      file: opener.file,
      line: first.number,
      column: 1,
      endLine: last.number,
      endColumn: last.text.length + 1,
    },
  };
}

/** The content as a file or a script gets it: of `<<-` the tabs at the start of each line are gone. */
export function heredocContent(heredoc: Heredoc): string {
  return heredoc.chomp ? heredoc.content.replace(/^\t+/gm, '') : heredoc.content;
}
