import type { TextPosition } from '../../../contract/dockerfiles-api.ts';
import type { SourceLocation } from '../../../contract/errors.ts';
import { scanDirectives } from '../directives.ts';
import { findHeredocs } from '../heredoc.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { isComment } from '../scan-lines.ts';
import type { Line } from '../scan-lines.ts';
import type { Statement } from '../statement.ts';
import { skipSpace } from '../white-space.ts';
import { DIRECTIVE_DOCS } from './directive-docs.ts';
import type { Slot, Want } from './slot.ts';
import { slotInStatement } from './slot-in-statement.ts';
import { statementAt } from './statement-at.ts';

/** A slot in a line that is no part of a logical line. */
function lineSlot(want: Want, line: Line | undefined, at: SourceLocation, position: TextPosition): Slot {
  const text = line?.text ?? '';
  return {
    want,
    replace: at,
    typed: text.slice(at.column - 1, position.column - 1),
    next: text.charAt(at.endColumn - 1),
  };
}

function place(file: string, line: number, column: number, endColumn: number): SourceLocation {
  return { file, line, column, endLine: line, endColumn };
}

/** The names of the directives above a line, if nothing else stands there. */
function directivesAbove(
  { lines, dockerfile }: DockerfileReading,
  line: number,
): readonly string[] | undefined {
  const above = lines.slice(0, line - 1);
  const scan = scanDirectives(above, dockerfile.file);
  if (scan.directives.length + scan.errors.length < above.length) return undefined;
  return scan.directives.map(({ name }) => name);
}

/** `# na|me=value` at the top of the file; any other comment wants nothing. */
function commentSlot(reading: DockerfileReading, line: Line, position: TextPosition): Slot | undefined {
  const given = directivesAbove(reading, position.line);
  if (given === undefined) return undefined;
  const { text, number } = line;
  const { file } = reading.dockerfile;
  const hash = skipSpace(text, line.start);
  const start = skipSpace(text, hash + 1);
  const equals = text.indexOf('=');
  if (position.column - 1 <= hash) return undefined;
  if (equals < 0 || position.column - 1 <= equals) {
    const nameEnd = start + (/^\w*/.exec(text.slice(start))?.[0].length ?? 0);
    const from = Math.min(start, position.column - 1);
    const end = Math.max(nameEnd, position.column - 1);
    return lineSlot({ kind: 'directive', given }, line, place(file, number, from + 1, end + 1), position);
  }
  const directive = text.slice(start, equals).trim().toLowerCase();
  if (!isDirective(directive)) return undefined;
  const value = text.slice(equals + 1, position.column - 1);
  const rest = /^[^\s,;]*/.exec(text.slice(position.column - 1))?.[0].length ?? 0;
  const written = directive === 'check' ? checkPart(value) : value.trimStart();
  const at = place(file, number, position.column - written.length, position.column + rest);
  const isRule = directive === 'check' && LISTS_RULES.test(value);
  const want: Want = isRule ? { kind: 'check' } : { kind: 'directive value', directive };
  return lineSlot(want, line, at, position);
}

/** In the part of the value that is written: a list of rules. */
const LISTS_RULES = /(?:^|;)\s*(?:skip|experimental)=[^;]*$/;

/** What of the check directive's value is being written: options are separated by `;`, rules by `,`. */
function checkPart(value: string): string {
  const option = value.slice(value.lastIndexOf(';') + 1).trimStart();
  return LISTS_RULES.test(value)
    ? option.slice(Math.max(option.lastIndexOf(','), option.indexOf('=')) + 1)
    : option;
}

function isDirective(name: string): name is keyof typeof DIRECTIVE_DOCS {
  return Object.hasOwn(DIRECTIVE_DOCS, name);
}

/** Inside a here-document only variables mean something, and only where the build expands them. */
function heredocSlot(statement: Statement, line: Line | undefined, position: TextPosition): Slot | undefined {
  const heredoc = statement.base.heredocs.find(
    ({ location }) => position.line >= location.line && position.line < location.endLine,
  );
  if (heredoc?.expand !== true || statement.name === 'run' || line === undefined) return undefined;
  const before = line.text.slice(0, position.column - 1);
  const [written, braces, name] = /(?<!\\)\$(\{?)([A-Za-z_]\w*)?$/.exec(before) ?? [];
  if (written === undefined) return undefined;
  const rest = /^\w*/.exec(line.text.slice(position.column - 1))?.[0].length ?? 0;
  const { file } = statement.base.location;
  const at = place(file, line.number, position.column - (name?.length ?? 0), position.column + rest);
  const want: Want = { kind: 'variable', scope: 'stage', braces: braces === '{', environmentOnly: false };
  return lineSlot(want, line, at, position);
}

/** A new line: an instruction, and at the top of the file a directive too. */
function emptySlot(reading: DockerfileReading, line: Line | undefined, position: TextPosition): Slot {
  const { file, stages } = reading.dockerfile;
  const isBeforeFrom = !stages.some(({ from }) => from.location.line < position.line);
  const directives = directivesAbove(reading, position.line);
  const at = place(file, position.line, position.column, position.column);
  return lineSlot({ kind: 'instruction', isTrigger: false, isBeforeFrom, directives }, line, at, position);
}

/**
 * What could be written at a position, from the text alone: it need not parse, and the statement under the cursor
 * hardly ever does. Undefined where the file says nothing to a build: in comments and here-documents.
 */
export function slotAt(reading: DockerfileReading, position: TextPosition): Slot | undefined {
  const line = reading.lines[position.line - 1];
  const statement = statementAt(reading, position.line);
  if (statement === undefined) {
    if (line !== undefined && isComment(line)) return commentSlot(reading, line, position);
    return isSwallowed(reading, position) ? undefined : emptySlot(reading, line, position);
  }
  if (position.line > statement.base.lastLine && statement.base.heredocs.length > 0) {
    return heredocSlot(statement, line, position);
  }
  if (line !== undefined && isComment(line) && position.line > statement.base.location.line) return undefined;
  return slotInStatement(reading, statement, line, position);
}

/** True below a here-document without an end: what follows is most likely its content. */
function isSwallowed({ statements, lines }: DockerfileReading, { line }: TextPosition): boolean {
  const last = statements.at(-1);
  if (last === undefined || line <= last.base.lastLine || line > lines.length) return false;
  const isTaking = ['add', 'copy', 'onbuild', 'run'].includes(last.name);
  return isTaking && findHeredocs(last.args.source.text).length > last.base.heredocs.length;
}
