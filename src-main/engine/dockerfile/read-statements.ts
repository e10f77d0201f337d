import { EngineError, type SourceLocation } from '../../contract/errors.ts';
import type { EscapeCharacter } from './dockerfile.ts';
import { findHeredocs, readHeredoc } from './heredoc.ts';
import type { Heredoc } from './instruction.ts';
import { isJsonArray } from './json-array.ts';
import { isComment, joinLines } from './scan-lines.ts';
import type { Line, LogicalLine } from './scan-lines.ts';
import { locate } from './source-text.ts';
import type { SourceText } from './source-text.ts';
import { splitStatement } from './statement.ts';
import type { Statement, StatementHead } from './statement.ts';
import { skipSpace, trimSpace } from './white-space.ts';

/** The instructions of a file before their arguments are understood. */
export interface StatementScan {
  readonly statements: readonly Statement[];
  readonly errors: readonly EngineError[];
}

const TAKES_HEREDOCS = ['add', 'copy', 'run'];

function takesHeredocs(head: StatementHead, escape: EscapeCharacter): boolean {
  const name = head.keyword.text.toLowerCase();
  if (name === 'onbuild') {
    return takesHeredocs(splitStatement(head.args.source, escape, head.args.start), escape);
  }
  return TAKES_HEREDOCS.includes(name) && !isJsonArray(head.args);
}

/** `<<NAME` in the instruction's line; the line when the name is written in another way. */
function locateOpener(source: SourceText, name: string): SourceLocation {
  const { text } = source;
  const at = Array.from(text.matchAll(/\d*<<-?["']?/g)).find((match) =>
    text.startsWith(name, match.index + match[0].length),
  );
  if (at === undefined) return locate(source, 0, text.length);
  const end = at.index + at[0].length + name.length;
  return locate(source, at.index, /["']/.test(text.charAt(end)) ? end + 1 : end);
}

/** Where the first line starts: a line with nothing but a continuation comes before the instruction's name. */
function startOf({ source }: LogicalLine): SourceLocation {
  const location = locate(source, 0, 0);
  const [first] = source.pieces;
  return first === undefined ? location : { ...location, line: first.line, column: first.column };
}

/** Reads a file's lines into statements; here-documents decide where the next one starts. */
class StatementReader {
  private readonly lines: readonly Line[];
  private readonly escape: EscapeCharacter;
  private readonly file: string;
  private readonly statements: Statement[] = [];
  private readonly errors: EngineError[] = [];
  private comments: string[] = [];
  private at: number;

  constructor(lines: readonly Line[], from: number, escape: EscapeCharacter, file: string) {
    this.lines = lines;
    this.at = from;
    this.escape = escape;
    this.file = file;
  }

  read(): StatementScan {
    for (let line = this.lines[this.at]; line !== undefined; line = this.lines[this.at]) this.readLine(line);
    return { statements: this.statements, errors: this.errors };
  }

  private readLine(line: Line): void {
    if (isComment(line)) this.collectComment(line);
    if (isComment(line) || skipSpace(line.text, line.start) === line.text.length) {
      this.at += 1;
      return;
    }
    const joined = joinLines(this.lines, this.at, this.escape, this.file);
    this.at += joined.lineCount;
    this.statements.push(this.readStatement(joined));
    this.comments = [];
  }

  /** An empty comment forgets the comments above it; one that is indented keeps its `#`, as in BuildKit. */
  private collectComment(line: Line): void {
    const text = trimSpace(line.text.slice(line.start + 1));
    if (text === '') this.comments = [];
    else this.comments.push(text);
  }

  private readStatement(joined: LogicalLine): Statement {
    const { source, emptyContinuations } = joined;
    const lastLine = this.at;
    const head = splitStatement(source, this.escape);
    const heredocs = takesHeredocs(head, this.escape) ? this.readHeredocs(head, source.text) : [];
    const end = heredocs.at(-1)?.location ?? locate(source, 0, source.text.length);
    const base = {
      keyword: head.keyword,
      location: { ...startOf(joined), endLine: end.endLine, endColumn: end.endColumn },
      original: source.text,
      flags: head.flags,
      heredocs,
      comments: this.comments,
      emptyContinuations,
      lastLine,
    };
    return { base, name: head.keyword.text.toLowerCase(), args: head.args, escape: this.escape };
  }

  private readHeredocs(head: StatementHead, text: string): readonly Heredoc[] {
    const heredocs: Heredoc[] = [];
    try {
      for (const start of findHeredocs(text)) {
        const heredoc = readHeredoc(start, this.lines, this.at, locateOpener(head.args.source, start.name));
        this.at = heredoc.location.endLine;
        heredocs.push(heredoc);
      }
    } catch (error) {
      if (!(error instanceof EngineError)) throw error;
      this.errors.push(error);
      // What follows is most likely content: reading it as instructions would only add noise.
      this.at = this.lines.length;
    }
    return heredocs;
  }
}

/** Splits the lines from `from` on into statements, with every problem in their here-documents. */
export function readStatements(
  lines: readonly Line[],
  from: number,
  escape: EscapeCharacter,
  file: string,
): StatementScan {
  return new StatementReader(lines, from, escape, file).read();
}
