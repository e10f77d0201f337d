import { isSpace } from '../white-space.ts';
import type { Cursor } from './cursor.ts';
import { FLAG_DOCS } from './flag-docs.ts';
import { givenFlags, givenFrom, ownerSlot } from './flag-slot.ts';
import { nameInPath } from './path-range.ts';
import type { Slot, Want } from './slot.ts';
import { wordRanges } from './statement-parts.ts';
import type { StatementPart } from './statement-parts.ts';
import { textOf } from './text-range.ts';
import type { TextRange } from './text-range.ts';

/** The word at the cursor and its place among the arguments. */
interface WordAt extends TextRange {
  readonly index: number;
  readonly isLast: boolean;
  /** Its characters before the cursor. */
  readonly before: string;
}

function wordAt(part: StatementPart, cursor: Cursor, quotes: boolean): WordAt {
  const { offset } = cursor;
  const words = wordRanges(
    part,
    { start: part.args.start, end: Math.max(part.args.end, part.args.start) },
    quotes,
  );
  const index = words.findIndex(({ start, end }) => offset >= start && offset <= end);
  const word = words[index];
  if (word !== undefined) {
    const before = part.source.text.slice(word.start, offset);
    return { ...word, index, isLast: index === words.length - 1, before };
  }
  const above = words.filter(({ end }) => end < offset).length;
  return { start: offset, end: offset, index: above, isLast: above === words.length, before: '' };
}

type ArgumentSlot = (part: StatementPart, cursor: Cursor) => Slot | undefined;

function pathSlot(
  part: StatementPart,
  cursor: Cursor,
  path: TextRange,
  kind: 'source' | 'path' | 'folder',
): Slot {
  const { text } = part.source;
  const typed = text.slice(path.start, cursor.offset);
  const isQuoted = text.charAt(path.start - 1) === '"';
  const want: Want = kind === 'folder' ? { kind, typed } : { kind, from: givenFrom(part), typed, isQuoted };
  return cursor.slot(want, nameInPath(text, path, cursor.offset));
}

/** The string of a JSON array that the cursor is in: from its quote to the next one. */
function stringAt({ source, args }: StatementPart, offset: number): TextRange | undefined {
  const before = source.text.slice(args.start, offset);
  if (!before.startsWith('[')) return undefined;
  const quotes = before.match(/(?<!\\)"/g)?.length ?? 0;
  if (quotes % 2 === 0) return undefined;
  const start = args.start + before.lastIndexOf('"') + 1;
  const close = source.text.indexOf('"', offset);
  return { start, end: close < 0 ? args.end : close };
}

const copySlot: ArgumentSlot = (part, cursor) => {
  const string = stringAt(part, cursor.offset);
  if (string !== undefined) return pathSlot(part, cursor, string, 'path');
  if (part.source.text.charAt(part.args.start) === '[') return undefined;
  const word = wordAt(part, cursor, false);
  if (word.before.startsWith('<<') || word.before.includes('://')) return undefined;
  return pathSlot(part, cursor, word, word.index > 0 && word.isLast ? 'path' : 'source');
};

const folderSlot: ArgumentSlot = (part, cursor) => {
  const string = stringAt(part, cursor.offset);
  if (string !== undefined) return pathSlot(part, cursor, string, 'folder');
  const word = part.name === 'workdir' ? { ...part.args } : wordAt(part, cursor, false);
  const isInside = cursor.offset >= word.start && cursor.offset <= word.end;
  const here = { start: cursor.offset, end: cursor.offset };
  return pathSlot(part, cursor, isInside ? word : here, 'folder');
};

const fromSlot: ArgumentSlot = (part, cursor) => {
  const word = wordAt(part, cursor, false);
  if (word.index === 0) return cursor.slot({ kind: 'base', by: 'from' }, word);
  return word.index === 1 ? cursor.slot({ kind: 'as' }, word) : undefined;
};

/** The name before `=`, in ARG and LABEL. */
function nameSlot(want: Want): ArgumentSlot {
  return (part, cursor) => {
    const word = wordAt(part, cursor, true);
    if (word.before.includes('=')) return undefined;
    const equals = textOf(part.source, word).indexOf('=');
    return cursor.slot(want, { start: word.start, end: equals < 0 ? word.end : word.start + equals });
  };
}

const exposeSlot: ArgumentSlot = (part, cursor) => {
  const word = wordAt(part, cursor, false);
  const slash = word.before.indexOf('/');
  if (slash < 0) return cursor.slot({ kind: 'port', port: undefined }, word);
  const port = word.before.slice(0, slash);
  return cursor.slot({ kind: 'port', port }, { start: word.start + slash + 1, end: word.end });
};

const healthcheckSlot: ArgumentSlot = (part, cursor) => {
  const word = wordAt(part, cursor, false);
  if (word.index === 0) return cursor.slot({ kind: 'health check' }, word);
  return word.index === 1 && '['.startsWith(word.before)
    ? cursor.slot({ kind: 'command', instruction: 'healthcheck' }, word)
    : undefined;
};

const commandSlot: ArgumentSlot = (part, cursor) => {
  const { text } = part.source;
  const isInside = part.args.start < part.args.end && part.args.start <= cursor.offset;
  const start = isInside ? part.args.start : cursor.offset;
  if (!'['.startsWith(text.slice(start, cursor.offset).trim())) return undefined;
  const end = text.charAt(cursor.offset) === ']' ? cursor.offset + 1 : cursor.offset;
  return cursor.slot({ kind: 'command', instruction: part.name }, { start, end });
};

function wholeSlot(want: Want): ArgumentSlot {
  return (part, cursor) => cursor.slot(want, wordAt(part, cursor, false));
}

const SLOTS: Readonly<Record<string, ArgumentSlot | undefined>> = {
  from: fromSlot,
  copy: copySlot,
  add: copySlot,
  arg: nameSlot({ kind: 'argument name' }),
  label: nameSlot({ kind: 'label' }),
  expose: exposeSlot,
  user: (part, cursor) => ownerSlot(part, wordAt(part, cursor, false), cursor),
  workdir: folderSlot,
  volume: folderSlot,
  stopsignal: wholeSlot({ kind: 'signal' }),
  healthcheck: healthcheckSlot,
  cmd: commandSlot,
  entrypoint: commandSlot,
  shell: commandSlot,
};

/** What an instruction takes at the cursor; before the first argument its flags too. */
export function argumentSlot(part: StatementPart, cursor: Cursor): Slot | undefined {
  const slot = SLOTS[part.name]?.(part, cursor);
  const isFirst = cursor.offset <= part.args.start || part.args.start >= part.args.end;
  const isNew = isFirst && isSpace(part.source.text.charAt(cursor.offset - 1));
  if (!isNew || FLAG_DOCS[part.name] === undefined) return slot;
  const flags = { instruction: part.name, given: givenFlags(part) };
  if (slot !== undefined) return { ...slot, flags };
  const here = { start: cursor.offset, end: cursor.offset };
  return { ...cursor.slot({ kind: 'flag', ...flags }, here) };
}
