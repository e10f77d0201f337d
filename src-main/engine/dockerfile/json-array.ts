import type { SourceLocation } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Word } from './instruction.ts';
import type { Span } from './statement.ts';
import { locateSpan, spanText } from './statement.ts';
import { skipSpace } from './white-space.ts';

function parseArray(text: string): readonly unknown[] | undefined {
  if (!text.startsWith('[')) return undefined;
  try {
    const value: unknown = JSON.parse(text);
    return Array.isArray(value) ? value : undefined;
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

/** Start and end of each string of a valid JSON array of strings. */
function* stringRanges(text: string): Generator<readonly [number, number]> {
  let at = 0;
  for (;;) {
    const start = text.indexOf('"', at);
    if (start < 0) return;
    let end = start + 1;
    while (text[end] !== '"') end += text[end] === '\\' ? 2 : 1;
    yield [start, end + 1];
    at = end + 1;
  }
}

/** The first element that is no string, of a valid JSON array that starts at `lead`: a word of it, or its bracket. */
function locateElement(span: Span, lead: number, values: readonly unknown[]): SourceLocation {
  const text = spanText(span);
  const before = values.findIndex((value) => typeof value !== 'string');
  const end = Array.from(stringRanges(text))[before - 1]?.[1] ?? lead + 1;
  const start = end + (/^[\s,]*/.exec(text.slice(end))?.[0].length ?? 0);
  const length = /^[-+.\w]+/.exec(text.slice(start))?.[0].length ?? 1;
  return locateSpan(span, start, start + length);
}

/** True when `span` is written as a JSON array, whatever its elements are. */
export function isJsonArray(span: Span): boolean {
  const text = spanText(span);
  return parseArray(text.slice(skipSpace(text))) !== undefined;
}

/**
 * The elements of a JSON array, or undefined when `span` is not one (then it is in shell form).
 * Throws when an element is not a string.
 */
export function parseJsonArray(span: Span): readonly Word[] | undefined {
  const text = spanText(span);
  const lead = skipSpace(text);
  const values = parseArray(text.slice(lead));
  if (values === undefined) return undefined;
  const strings = values.filter((value) => typeof value === 'string');
  if (strings.length !== values.length) {
    const hint = 'Put every element in double quotes.';
    const message = 'the JSON form takes strings only';
    throw dockerfileError(message, locateElement(span, lead, values), hint);
  }
  const ranges = Array.from(stringRanges(text));
  return strings.map((value, i) => {
    const [start, end] = ranges[i] ?? [lead, text.length];
    return { text: value.toWellFormed(), location: locateSpan(span, start, end) };
  });
}
