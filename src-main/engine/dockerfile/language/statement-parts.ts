import type { Flag } from '../instruction.ts';
import type { SourceText } from '../source-text.ts';
import { splitStatement } from '../statement.ts';
import type { Statement, StatementHead } from '../statement.ts';
import { isSpace, skipSpace } from '../white-space.ts';
import { rangeOf } from './text-range.ts';
import type { TextRange } from './text-range.ts';

/** A flag as it is written. */
export interface FlagPart {
  readonly flag: Flag;
  /** `--from=base`. */
  readonly whole: TextRange;
  /** `--from`. */
  readonly name: TextRange;
  /** After the `=`, quotes included; undefined without one. */
  readonly value: TextRange | undefined;
}

/** A statement, or the trigger inside ONBUILD, taken apart without understanding it. */
export interface StatementPart {
  readonly source: SourceText;
  /** In lower case. */
  readonly name: string;
  readonly keyword: TextRange;
  readonly flags: readonly FlagPart[];
  readonly args: TextRange;
  readonly escape: string;
}

function flagPart(source: SourceText, flag: Flag): FlagPart {
  const whole = rangeOf(source, flag.location);
  const value = flag.value === undefined ? undefined : rangeOf(source, flag.valueLocation);
  return { flag, whole, name: rangeOf(source, flag.nameLocation), value };
}

function partOf(head: StatementHead, escape: string): StatementPart {
  const { source, start, end } = head.args;
  return {
    source,
    name: head.keyword.text.toLowerCase(),
    keyword: rangeOf(source, head.keyword.location),
    flags: head.flags.map((flag) => flagPart(source, flag)),
    args: { start, end },
    escape,
  };
}

/** The statement and, for ONBUILD, the trigger in it. */
export function statementParts(statement: Statement): readonly [StatementPart, ...StatementPart[]] {
  const { base, args, escape } = statement;
  const own = partOf({ keyword: base.keyword, flags: base.flags, args }, escape);
  if (statement.name !== 'onbuild' || args.start >= args.end) return [own];
  return [own, partOf(splitStatement(args.source, escape, args.start), escape)];
}

/** Words as `splitWords` finds them, or with `quotes` as `splitQuotedWords` does: a quote groups. */
export function wordRanges(
  part: StatementPart,
  { start, end }: TextRange,
  quotes: boolean,
): readonly TextRange[] {
  return quotes ? quotedWords(part, start, end) : plainWords(part, start, end);
}

function plainWords({ source }: StatementPart, start: number, end: number): readonly TextRange[] {
  return Array.from(source.text.slice(start, end).matchAll(/[^\t\v\f\r ]+/g), (match) => ({
    start: start + match.index,
    end: start + match.index + match[0].length,
  }));
}

function quotedWords({ source, escape }: StatementPart, start: number, end: number): readonly TextRange[] {
  const words: TextRange[] = [];
  let at = skipSpace(source.text, start);
  while (at < end) {
    const wordEnd = Math.min(quotedWordEnd(source.text, at, escape), end);
    words.push({ start: at, end: wordEnd });
    at = skipSpace(source.text, wordEnd);
  }
  return words;
}

function quotedWordEnd(text: string, start: number, escape: string): number {
  let quote = '';
  let at = start;
  for (; at < text.length; at += 1) {
    const character = text.charAt(at);
    if (quote === '' && isSpace(character)) break;
    if (character === quote) quote = '';
    else if (quote === '' && (character === "'" || character === '"')) quote = character;
    else if (character === escape && quote !== "'") at += 1;
  }
  return Math.min(at, text.length);
}
