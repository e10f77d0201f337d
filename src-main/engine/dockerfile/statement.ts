import type { SourceLocation } from '../../contract/errors.ts';
import type { EscapeCharacter } from './dockerfile.ts';
import type { Flag, InstructionBase, Word } from './instruction.ts';
import { scanFlags } from './scan-flags.ts';
import { locate } from './source-text.ts';
import type { SourceText } from './source-text.ts';
import { skipSpace, trimmedEnd } from './white-space.ts';

/** A part of a logical line. */
export interface Span {
  readonly source: SourceText;
  readonly start: number;
  readonly end: number;
}

/** What every instruction's parser starts from: name, flags and the text of the arguments. */
export interface Statement {
  readonly base: InstructionBase;
  /** The name in lower case. */
  readonly name: string;
  /** Without white space around. */
  readonly args: Span;
  readonly escape: EscapeCharacter;
}

export function spanText(span: Span): string {
  return span.source.text.slice(span.start, span.end);
}

/** The file's range of a span, or of the part from `start` to `end` of its text. */
export function locateSpan(span: Span, start = 0, end = span.end - span.start): SourceLocation {
  return locate(span.source, span.start + start, span.start + end);
}

export interface StatementHead {
  readonly keyword: Word;
  readonly flags: readonly Flag[];
  readonly args: Span;
}

const KEYWORD = /^[^\t\v\f\r ]*/;

/** Splits the text from `start` on into name, flags and arguments. */
export function splitStatement(source: SourceText, escape: EscapeCharacter, start = 0): StatementHead {
  const end = trimmedEnd(source.text);
  const from = Math.min(skipSpace(source.text, start), end);
  const keyword = KEYWORD.exec(source.text.slice(from, end))?.[0] ?? '';
  const { flags, end: flagsEnd } = scanFlags(
    { ...source, text: source.text.slice(0, end) },
    from + keyword.length,
    escape,
  );
  const argsStart = Math.min(skipSpace(source.text, flagsEnd), end);
  return {
    keyword: { text: keyword, location: locate(source, from, from + keyword.length) },
    flags,
    args: { source, start: Math.max(argsStart, 0), end: Math.max(end, argsStart) },
  };
}
