import type { Cursor } from './cursor.ts';
import { FLAG_DOCS } from './flag-docs.ts';
import { mountKeyName } from './mount-docs.ts';
import { nameInPath } from './path-range.ts';
import type { Slot } from './slot.ts';
import type { FlagPart, StatementPart } from './statement-parts.ts';
import { textOf } from './text-range.ts';
import type { TextRange } from './text-range.ts';

/** The flags that an instruction has already. */
export function givenFlags(part: StatementPart): readonly string[] {
  return part.flags.map(({ flag }) => flag.name);
}

/** What `--from` names, without quotes. */
export function givenFrom(part: StatementPart): string | undefined {
  return part.flags.find(({ flag }) => flag.name === 'from')?.flag.value;
}

function isIn({ start, end }: TextRange, offset: number): boolean {
  return offset >= start && offset <= end;
}

/** A flag's name or value, and one or two dashes that may become a flag. */
export function flagSlot(part: StatementPart, cursor: Cursor): Slot | undefined {
  const instruction = part.name;
  if (FLAG_DOCS[instruction] === undefined) return undefined;
  const at = part.flags.find(({ whole }) => isIn(whole, cursor.offset));
  if (at?.value !== undefined && cursor.offset >= at.value.start)
    return valueSlot(part, at, at.value, cursor);
  const name = at?.name ?? dashes(part, cursor.offset);
  if (name === undefined) return undefined;
  const given = part.flags.filter((other) => other !== at).map(({ flag }) => flag.name);
  return cursor.slot({ kind: 'flag', instruction, given }, name);
}

/** `-` or `--` before all arguments, with the position at its end. */
function dashes({ source, flags, keyword, args }: StatementPart, offset: number): TextRange | undefined {
  const start = source.text.slice(0, offset).search(/(?<=\s)--?$/);
  const from = flags.at(-1)?.whole.end ?? keyword.end;
  if (start < from || start > args.start || /\S/.test(source.text.charAt(offset))) return undefined;
  return { start, end: offset };
}

function valueSlot(part: StatementPart, { flag }: FlagPart, written: TextRange, cursor: Cursor): Slot {
  const value = withoutQuotes(part.source.text, written);
  if (flag.name === 'mount') return mountSlot(part, value, cursor);
  if (flag.name === 'from') return cursor.slot({ kind: 'base', by: 'copy' }, value);
  if (flag.name === 'chown') return ownerSlot(part, value, cursor);
  if (flag.name === 'exclude') return sourceSlot(part, value, givenFrom(part), cursor);
  return cursor.slot({ kind: 'flag value', instruction: part.name, flag: flag.name }, value);
}

function withoutQuotes(text: string, { start, end }: TextRange): TextRange {
  const quote = text.charAt(start);
  if (start === end || (quote !== '"' && quote !== "'")) return { start, end };
  return { start: start + 1, end: end - 1 > start && text.charAt(end - 1) === quote ? end - 1 : end };
}

/** `user` or, after a colon, `group`. */
export function ownerSlot({ source }: StatementPart, value: TextRange, cursor: Cursor): Slot {
  const colon = source.text.slice(value.start, value.end).indexOf(':');
  const split = colon < 0 ? value.end : value.start + colon;
  if (cursor.offset <= split) {
    return cursor.slot({ kind: 'owner', part: 'user' }, { start: value.start, end: split });
  }
  return cursor.slot({ kind: 'owner', part: 'group' }, { start: split + 1, end: value.end });
}

function sourceSlot(
  { source }: StatementPart,
  path: TextRange,
  from: string | undefined,
  cursor: Cursor,
): Slot {
  const typed = source.text.slice(path.start, cursor.offset);
  return cursor.slot(
    { kind: 'source', from, typed, isQuoted: false },
    nameInPath(source.text, path, cursor.offset),
  );
}

/** The key or value of a mount that the position is in. */
function mountSlot(part: StatementPart, value: TextRange, cursor: Cursor): Slot {
  const { text } = part.source;
  const fields = textOf(part.source, value).split(',');
  const start = Math.max(value.start, text.lastIndexOf(',', cursor.offset - 1) + 1);
  const comma = text.indexOf(',', cursor.offset);
  const end = comma < 0 || comma > value.end ? value.end : comma;
  const equals = text.slice(start, end).indexOf('=');
  const settings = new Map(fields.map((field) => splitField(field)));
  if (equals < 0 || cursor.offset <= start + equals) {
    const own = mountKeyName(text.slice(start, equals < 0 ? end : start + equals));
    const given = Array.from(settings.keys()).filter((key) => key !== own && key !== '');
    const key = { start, end: equals < 0 ? end : start + equals };
    return cursor.slot({ kind: 'mount key', type: settings.get('type'), given }, key);
  }
  const key = mountKeyName(text.slice(start, start + equals));
  return mountValueSlot(part, key, settings.get('from'), { start: start + equals + 1, end }, cursor);
}

function splitField(field: string): [string, string] {
  const equals = field.indexOf('=');
  if (equals < 0) return [mountKeyName(field), ''];
  return [mountKeyName(field.slice(0, equals)), field.slice(equals + 1)];
}

function mountValueSlot(
  part: StatementPart,
  key: string,
  from: string | undefined,
  value: TextRange,
  cursor: Cursor,
): Slot {
  if (key === 'from') return cursor.slot({ kind: 'base', by: 'mount' }, value);
  if (key === 'source') return sourceSlot(part, value, from, cursor);
  if (key !== 'target') return cursor.slot({ kind: 'mount value', key }, value);
  const typed = part.source.text.slice(value.start, cursor.offset);
  return cursor.slot({ kind: 'folder', typed }, nameInPath(part.source.text, value, cursor.offset));
}
