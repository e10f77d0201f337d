import { isJsonArray } from '../json-array.ts';
import type { Statement } from '../statement.ts';
import { isAsciiSpace, skipSpace, trimmedEnd } from '../white-space.ts';
import { statementParts, wordRanges } from './statement-parts.ts';
import type { StatementPart } from './statement-parts.ts';
import { textOf } from './text-range.ts';
import type { TextRange } from './text-range.ts';

/** A run of a statement that is kept to the character; what is between two of them is white space that means nothing. */
export interface Segment extends TextRange {
  /** A word of the language, written in upper case. */
  readonly upper: boolean;
}

const keep = ({ start, end }: TextRange): Segment => ({ start, end, upper: false });
const raise = ({ start, end }: TextRange): Segment => ({ start, end, upper: true });

const PLAIN_WORDS = ['add', 'copy', 'expose', 'volume'];
const QUOTED_WORDS = ['arg', 'env', 'label'];

/** FROM's image, AS and name. */
function fromSegments(part: StatementPart): readonly Segment[] {
  const [image, as, ...rest] = wordRanges(part, part.args, false);
  return [image, as, ...rest].flatMap((word) => {
    if (word === undefined) return [];
    return word === as ? raise(word) : keep(word);
  });
}

/** CMD or NONE, and the command to the character. */
function healthcheckSegments({ source, args }: StatementPart): readonly Segment[] {
  const length = textOf(source, args).search(/[\t-\r ]|$/);
  const type = { start: args.start, end: args.start + length };
  const rest = { start: skipSpace(source.text, type.end, isAsciiSpace), end: args.end };
  return rest.start >= rest.end ? [raise(type)] : [raise(type), keep(rest)];
}

/** `ENV name the rest`: what follows is the value, white space included. */
function isLegacy(part: StatementPart): boolean {
  const [first] = wordRanges(part, part.args, true);
  return part.name !== 'arg' && first !== undefined && !textOf(part.source, first).includes('=');
}

/**
 * The arguments of most instructions are one text whose white space means something: a command, a path. Where an
 * instruction takes words, only what is between them may change, and a here-document's name may hold a blank.
 */
function argumentSegments(part: StatementPart, hasHeredocs: boolean): readonly Segment[] {
  if (part.args.start >= part.args.end) return [];
  if (part.name === 'from') return fromSegments(part);
  if (part.name === 'healthcheck') return healthcheckSegments(part);
  if (QUOTED_WORDS.includes(part.name) && !isLegacy(part)) return wordRanges(part, part.args, true).map(keep);
  const isWords = PLAIN_WORDS.includes(part.name) && !hasHeredocs;
  if (!isWords || isJsonArray({ source: part.source, ...part.args })) return [keep(part.args)];
  return wordRanges(part, part.args, false).map(keep);
}

/** `--` alone, which ends the flags, and white space beyond ASCII, after which there are none. */
function separatorSegment({ source, keyword, flags, args }: StatementPart): readonly Segment[] {
  const from = skipSpace(source.text, flags.at(-1)?.whole.end ?? keyword.end, isAsciiSpace);
  const end = trimmedEnd(source.text.slice(0, args.start), isAsciiSpace);
  return from < end ? [keep({ start: from, end })] : [];
}

/** What of a statement's logical line is kept, in order. A trigger is kept whole: it goes into the image. */
export function layoutSegments(statement: Statement): readonly Segment[] {
  const [part] = statementParts(statement);
  const { source, keyword, flags, args } = part;
  if (part.name === 'onbuild') return [raise(keyword), keep({ start: args.start, end: source.text.length })];
  return [
    raise(keyword),
    ...flags.map(({ whole }) => keep(whole)),
    ...separatorSegment(part),
    ...argumentSegments(part, statement.base.heredocs.length > 0),
  ];
}
