import type { DockerfileReading } from '../read-dockerfile.ts';
import type { Statement } from '../statement.ts';
import { trimmedEnd } from '../white-space.ts';
import { columnsOnLine } from './text-range.ts';

/** The last line of a statement, here-documents included. */
export function lastLineOf(statement: Statement): number {
  return Math.max(statement.base.lastLine, statement.base.location.endLine);
}

/** The statement that a line belongs to, its continuations and here-documents included. */
export function statementAt(reading: DockerfileReading, line: number): Statement | undefined {
  const { statements } = reading;
  let low = 0;
  let high = statements.length - 1;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if ((statements[middle] as Statement).base.keyword.location.line <= line) low = middle;
    else high = middle - 1;
  }
  const statement = statements[low];
  if (statement === undefined || statement.base.keyword.location.line > line) return undefined;
  if (line <= lastLineOf(statement)) return statement;
  return low === statements.length - 1 && isOpen(reading, statement) ? statement : undefined;
}

/** True when the file ends in the middle of the statement: at a continuation that nothing follows. */
function isOpen(reading: DockerfileReading, statement: Statement): boolean {
  if (lastLineOf(statement) !== reading.lines.length || statement.base.heredocs.length > 0) return false;
  const { source } = statement.args;
  const line = source.pieces.at(-1)?.line ?? 0;
  const written = trimmedEnd(reading.lines[line - 1]?.text ?? '');
  const end = columnsOnLine(source, line)?.end;
  return end !== undefined && written >= end;
}
