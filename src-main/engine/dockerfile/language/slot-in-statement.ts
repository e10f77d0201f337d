import type { TextPosition } from '../../../contract/dockerfiles-api.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import type { Line } from '../scan-lines.ts';
import type { Statement } from '../statement.ts';
import { isSpace } from '../white-space.ts';
import { argumentSlot } from './argument-slot.ts';
import { cursorIn } from './cursor.ts';
import type { Cursor } from './cursor.ts';
import { expandingRanges } from './expanding-ranges.ts';
import { flagSlot } from './flag-slot.ts';
import type { Slot } from './slot.ts';
import { statementParts } from './statement-parts.ts';
import type { StatementPart } from './statement-parts.ts';

const SHELL_ONLY = ['cmd', 'entrypoint', 'healthcheck'];

/** The instruction's name, as long as nothing but a name stands before the position. */
function keywordSlot(
  reading: DockerfileReading,
  part: StatementPart,
  cursor: Cursor,
  isTrigger: boolean,
): Slot | undefined {
  const { keyword } = part;
  if (cursor.offset < keyword.start || cursor.offset > keyword.end) return undefined;
  const { line } = cursor.position;
  const isBeforeFrom = !reading.dockerfile.stages.some(({ from }) => from.location.line < line);
  const directives = line === 1 ? [] : undefined;
  return cursor.slot({ kind: 'instruction', isTrigger, isBeforeFrom, directives }, keyword);
}

/** `$NA|ME` or `${NA|ME`, where it means a variable. */
function variableSlot(part: StatementPart, cursor: Cursor): Slot | undefined {
  const range = expandingRanges(part).find(({ start, end }) => cursor.offset > start && cursor.offset <= end);
  if (range === undefined) return undefined;
  const { text } = part.source;
  const before = text.slice(range.start, cursor.offset);
  const [written, braces, name] = /\$(\{?)([A-Za-z_]\w*)?$/.exec(before) ?? [];
  if (written === undefined) return undefined;
  const escape = range.by === 'shell' ? '\\' : part.escape;
  if (isTakenAway(before.slice(0, before.length - written.length), escape)) return undefined;
  const start = cursor.offset - (name?.length ?? 0);
  let end = cursor.offset;
  while (/\w/.test(text.charAt(end)) && end < range.end) end += 1;
  return cursor.slot(
    {
      kind: 'variable',
      scope: part.name === 'from' ? 'global' : 'stage',
      braces: braces === '{',
      environmentOnly: SHELL_ONLY.includes(part.name),
    },
    { start, end },
  );
}

/** True after an odd number of escape characters, and inside single quotes. */
function isTakenAway(before: string, escape: string): boolean {
  let quote = '';
  for (let at = 0; at < before.length; at += 1) {
    const character = before.charAt(at);
    if (quote !== "'" && character === escape) {
      if (at + 1 === before.length) return true;
      at += 1;
    } else if (character === quote) quote = '';
    else if (quote === '' && (character === '"' || character === "'")) quote = character;
  }
  return quote === "'";
}

function partSlot(
  reading: DockerfileReading,
  part: StatementPart,
  cursor: Cursor,
  isTrigger: boolean,
): Slot | undefined {
  const isAfterKeyword =
    cursor.offset > part.keyword.end || isSpace(part.source.text.charAt(cursor.offset - 1));
  if (!isAfterKeyword) return keywordSlot(reading, part, cursor, isTrigger);
  return variableSlot(part, cursor) ?? flagSlot(part, cursor) ?? argumentSlot(part, cursor);
}

/** What is wanted at a position of a statement's own lines. */
export function slotInStatement(
  reading: DockerfileReading,
  statement: Statement,
  line: Line | undefined,
  position: TextPosition,
): Slot | undefined {
  const { source } = statement.args;
  const cursor = cursorIn(source, line, position);
  if (cursor === undefined) return undefined;
  const [own, trigger] = statementParts(statement);
  if (statement.name !== 'onbuild' || cursor.offset <= own.keyword.end)
    return partSlot(reading, own, cursor, false);
  if (trigger !== undefined && cursor.offset >= trigger.keyword.start) {
    return partSlot(reading, trigger, cursor, true);
  }
  const want = { kind: 'instruction', isTrigger: true, isBeforeFrom: false, directives: undefined } as const;
  return cursor.slot(want, { start: cursor.offset, end: cursor.offset });
}
