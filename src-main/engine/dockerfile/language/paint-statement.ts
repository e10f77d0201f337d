import type { Token } from '../../../contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../../contract/errors.ts';
import { isJsonArray } from '../json-array.ts';
import type { Statement } from '../statement.ts';
import { expandingRanges } from './expanding-ranges.ts';
import { findVariables } from './find-variables.ts';
import { INSTRUCTION_DOCS } from './instruction-docs.ts';
import { fromRange } from './stage-mentions.ts';
import { statementParts, wordRanges } from './statement-parts.ts';
import type { FlagPart, StatementPart } from './statement-parts.ts';
import { locateRange, textOf } from './text-range.ts';
import type { TextRange } from './text-range.ts';

type Kind = Token['kind'];

/** A colour for each character of a statement's logical line; undefined for plain text. */
export type Paint = (Kind | undefined)[];

/** Whether the name at a place is that of a stage; else it is an image's. */
export type IsStage = (location: SourceLocation) => boolean;

const COMMANDS = ['run', 'cmd', 'entrypoint', 'healthcheck', 'shell'];
const PAIRS = ['env', 'arg', 'label'];

class Painter {
  readonly paint: Paint;
  private readonly isStage: IsStage;

  constructor(length: number, isStage: IsStage) {
    this.paint = new Array<Kind | undefined>(length).fill(undefined);
    this.isStage = isStage;
  }

  fill({ start, end }: TextRange, kind: Kind): void {
    this.paint.fill(kind, start, end);
  }

  /** Later layers cover earlier ones: variables come last. */
  paintPart(part: StatementPart): void {
    if (Object.hasOwn(INSTRUCTION_DOCS, part.name)) this.fill(part.keyword, 'keyword');
    this.paintArguments(part);
    for (const flag of part.flags) this.paintFlag(part, flag);
    for (const range of expandingRanges(part)) {
      const escape = range.by === 'shell' ? '\\' : part.escape;
      const found = findVariables(part.source.text, range, { escape, quotes: true });
      for (const { whole } of found) this.fill(whole, 'variable');
    }
  }

  private paintFlag(part: StatementPart, flag: FlagPart): void {
    this.fill(flag.name, 'flag');
    if (flag.value === undefined) return;
    this.fill({ start: flag.name.end, end: flag.value.start }, 'flag');
    this.fill(flag.value, 'string');
    const from = fromRange(part, flag);
    if (from !== undefined) this.fillBase(part, from);
  }

  private fillBase(part: StatementPart, range: TextRange): void {
    this.fill(range, this.isStage(locateRange(part.source, range)) ? 'stage' : 'image');
  }

  private paintArguments(part: StatementPart): void {
    if (part.name === 'onbuild') return;
    if (isJsonArray({ source: part.source, ...part.args })) this.paintJson(part, part.args);
    else if (part.name === 'from') this.paintFrom(part);
    else if (PAIRS.includes(part.name)) this.paintPairs(part);
    else if (part.name === 'healthcheck') this.paintHealthcheck(part);
    else if (COMMANDS.includes(part.name)) this.paintShell(part, part.args);
    else this.paintWords(part);
  }

  private paintFrom(part: StatementPart): void {
    const [image, as, name] = wordRanges(part, part.args, false);
    if (image !== undefined) this.fillBase(part, image);
    if (as !== undefined) this.fill(as, 'keyword');
    if (name !== undefined) this.fill(name, 'stage');
  }

  private paintPairs(part: StatementPart): void {
    for (const [position, word] of wordRanges(part, part.args, true).entries()) {
      const equals = textOf(part.source, word).indexOf('=');
      const nameEnd = equals < 0 ? word.end : word.start + equals;
      if (equals < 0 && position > 0 && part.name !== 'arg') continue;
      this.fill({ start: word.start, end: nameEnd }, 'variable');
      if (equals < 0) continue;
      this.fill({ start: nameEnd, end: nameEnd + 1 }, 'operator');
      this.paintValue(part, { start: nameEnd + 1, end: word.end });
    }
  }

  private paintValue(part: StatementPart, range: TextRange): void {
    const text = textOf(part.source, range);
    if (/^\d+(?:\.\d+)?$/.test(text)) this.fill(range, 'number');
    else this.paintQuoted(text, range.start);
  }

  private paintQuoted(text: string, start: number): void {
    for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"?|'[^']*'?/g)) {
      this.fill({ start: start + match.index, end: start + match.index + match[0].length }, 'string');
    }
  }

  private paintJson(part: StatementPart, range: TextRange): void {
    const text = textOf(part.source, range);
    for (const match of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\],]/g)) {
      const at = range.start + match.index;
      this.fill({ start: at, end: at + match[0].length }, match[0].startsWith('"') ? 'string' : 'operator');
    }
  }

  private paintHealthcheck(part: StatementPart): void {
    const [type] = wordRanges(part, part.args, false);
    if (type === undefined) return;
    this.fill(type, 'keyword');
    const rest = { start: type.end, end: part.args.end };
    if (isJsonArray({ source: part.source, ...rest })) this.paintJson(part, rest);
    else this.paintShell(part, rest);
  }

  /** Quotes, operators and the names of here-documents: a shell's grammar is its own. */
  private paintShell(part: StatementPart, range: TextRange): void {
    const text = textOf(part.source, range);
    const pieces = /\\.|"(?:[^"\\]|\\.)*"?|'[^']*'?|<<-?\s*["']?\w+["']?|&&|\|\|?|;|[<>]{1,2}/g;
    for (const match of text.matchAll(pieces)) {
      const at = range.start + match.index;
      const kind = kindOfPiece(match[0]);
      if (kind !== undefined) this.fill({ start: at, end: at + match[0].length }, kind);
    }
  }

  private paintWords(part: StatementPart): void {
    for (const word of wordRanges(part, part.args, false)) {
      const text = textOf(part.source, word);
      if (/^\d*<<-?./.test(text)) this.fill(word, 'heredoc');
      else if (/^\d+(?:-\d+)?(?:\/\w*)?$/.test(text)) {
        this.fill({ start: word.start, end: word.start + text.search(/\/|$/) }, 'number');
      } else this.paintQuoted(text, word.start);
    }
  }
}

function kindOfPiece(piece: string): Kind | undefined {
  if (piece.startsWith('\\')) return undefined;
  if (piece.startsWith('"') || piece.startsWith("'")) return 'string';
  return /^<<-?\s*["']?\w/.test(piece) ? 'heredoc' : 'operator';
}

/** What each character of a statement's logical line is. */
export function paintStatement(statement: Statement, isStage: IsStage): Paint {
  const painter = new Painter(statement.args.source.text.length, isStage);
  for (const part of statementParts(statement)) painter.paintPart(part);
  return painter.paint;
}
