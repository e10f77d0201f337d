import type { Token } from '../../../contract/dockerfiles-api.ts';
import type { Heredoc } from '../instruction.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { isComment } from '../scan-lines.ts';
import type { Line } from '../scan-lines.ts';
import type { Statement } from '../statement.ts';
import { skipSpace, trimmedEnd } from '../white-space.ts';
import { findVariables } from './find-variables.ts';
import { paintStatement } from './paint-statement.ts';
import type { IsStage, Paint } from './paint-statement.ts';
import { stageMentions } from './stage-mentions.ts';
import { lastLineOf } from './statement-at.ts';

type Kind = Token['kind'];

/** Runs of one colour from `from` to `to` of a painted text, as tokens of one line. */
function* runsOf(paint: Paint, from: number, to: number, line: number, column: number): Generator<Token> {
  let start = from;
  for (let at = from; at < to; at += 1) {
    if (at + 1 < to && paint[at + 1] === paint[at]) continue;
    const kind = paint[at];
    if (kind !== undefined) yield { line, column: column + start - from, length: at + 1 - start, kind };
    start = at + 1;
  }
}

function wholeLine(line: Line, kind: Kind): readonly Token[] {
  const start = skipSpace(line.text, line.start);
  const end = trimmedEnd(line.text);
  return end <= start ? [] : [{ line: line.number, column: start + 1, length: end - start, kind }];
}

/** The lines that a statement takes, without its here-documents. */
function* statementTokens(statement: Statement, paint: Paint, lines: readonly Line[]): Generator<Token> {
  const { source } = statement.args;
  for (const [index, piece] of source.pieces.entries()) {
    const end = source.pieces[index + 1]?.offset ?? source.text.length;
    yield* runsOf(paint, piece.offset, end, piece.line, piece.column);
    const column = piece.column + end - piece.offset;
    const rest = (lines[piece.line - 1]?.text ?? '').slice(column - 1);
    if (rest.trim() !== '') yield { line: piece.line, column, length: 1, kind: 'operator' };
  }
  for (let number = statement.base.location.line + 1; number <= statement.base.lastLine; number += 1) {
    const line = lines[number - 1];
    if (line !== undefined && isComment(line)) yield* wholeLine(line, 'comment');
  }
}

function* heredocTokens(heredoc: Heredoc, takesVariables: boolean, lines: readonly Line[]): Generator<Token> {
  for (let number = heredoc.location.line; number <= heredoc.location.endLine; number += 1) {
    const text = lines[number - 1]?.text ?? '';
    const paint: Paint = new Array<Kind>(text.length).fill('heredoc');
    if (takesVariables && heredoc.expand && number < heredoc.location.endLine) {
      const rules = { escape: '\\', quotes: false };
      for (const { whole } of findVariables(text, { start: 0, end: text.length }, rules)) {
        paint.fill('variable', whole.start, whole.end);
      }
    }
    yield* runsOf(paint, 0, text.length, number, 1);
  }
}

/** Comments and directives between statements. */
function* commentTokens({ dockerfile, lines, statements }: DockerfileReading): Generator<Token> {
  const taken = new Set<number>();
  for (const statement of statements) {
    for (let line = statement.base.location.line; line <= lastLineOf(statement); line += 1) taken.add(line);
  }
  const directives = new Set(dockerfile.directives.map(({ location }) => location.line));
  for (const line of lines) {
    if (taken.has(line.number) || !isComment(line)) continue;
    yield* wholeLine(line, directives.has(line.number) ? 'directive' : 'comment');
  }
}

/** The places at which a stage is named, as a question. */
function stageQuestion(reading: DockerfileReading): IsStage {
  const places = new Set(stageMentions(reading).map(({ location }) => `${location.line}:${location.column}`));
  return ({ line, column }) => places.has(`${line}:${column}`);
}

function* allTokens(reading: DockerfileReading): Generator<Token> {
  const isStage = stageQuestion(reading);
  for (const statement of reading.statements) {
    yield* statementTokens(statement, paintStatement(statement, isStage), reading.lines);
    const takesVariables = statement.name !== 'run';
    for (const heredoc of statement.base.heredocs)
      yield* heredocTokens(heredoc, takesVariables, reading.lines);
  }
  yield* commentTokens(reading);
}

/** What every run of characters is, in the order of the file. */
export function tokens(reading: DockerfileReading): Token[] {
  return Array.from(allTokens(reading)).sort((a, b) => a.line - b.line || a.column - b.column);
}
