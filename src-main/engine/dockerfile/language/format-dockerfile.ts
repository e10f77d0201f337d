import type { TextEdit } from '../../../contract/dockerfiles-api.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { isComment } from '../scan-lines.ts';
import type { Line } from '../scan-lines.ts';
import type { Statement } from '../statement.ts';
import { trimmedEnd } from '../white-space.ts';
import { layoutStatement } from './layout-statement.ts';
import { lastLineOf } from './statement-at.ts';

/** A line's new text without its end, or undefined for a line that goes. */
type NewLines = (string | undefined)[];

const INDENT = '    ';

function isEmpty(line: Line | undefined): boolean {
  return line !== undefined && trimmedEnd(line.text) <= line.start;
}

/** Comments and empty lines lose the space at their end; of several empty lines one stays. */
function layLooseLines(lines: readonly Line[]): NewLines {
  return lines.map((line, index) => {
    if (!isEmpty(line)) return isComment(line) ? line.text.replace(/[ \t]+$/, '') : line.text;
    return index > 0 && isEmpty(lines[index - 1]) ? undefined : line.text.slice(0, line.start);
  });
}

function layStatement(statement: Statement, lines: readonly Line[], laid: NewLines): void {
  const layout = layoutStatement(statement, lines);
  const start = lines[0]?.start ?? 0;
  let isIndented = false;
  for (let number = statement.base.location.line; number <= statement.base.lastLine; number += 1) {
    const line = lines[number - 1];
    const written = layout.lines.get(number);
    if (line === undefined) continue;
    if (written !== undefined) {
      const mark = number === 1 ? line.text.slice(0, start) : '';
      laid[number - 1] = mark + written;
      isIndented = layout.gapsAfter.has(number);
    } else if (isIndented && isComment(line)) laid[number - 1] = INDENT + line.text.trim();
  }
  for (let number = statement.base.lastLine + 1; number <= lastLineOf(statement); number += 1) {
    laid[number - 1] = lines[number - 1]?.text;
  }
}

/** Empty lines at the end of the file. */
function dropLastLines(reading: DockerfileReading, laid: NewLines): void {
  const last = reading.statements.at(-1);
  const taken = last === undefined ? 0 : lastLineOf(last);
  for (let index = laid.length - 1; index >= taken && isEmpty(reading.lines[index]); index -= 1) {
    laid[index] = undefined;
  }
}

function toEdit(line: Line, text: string | undefined, ending: string, file: string): readonly TextEdit[] {
  const isSame = text === line.text && ending === line.ending;
  if (isSame) return [];
  const location = {
    file,
    line: line.number,
    column: 1,
    endLine: line.number,
    endColumn: line.text.length + 1,
  };
  if (text !== undefined && ending === line.ending) return [{ location, text }];
  const toNext = line.ending === '' ? location : { ...location, endLine: line.number + 1, endColumn: 1 };
  return [{ location: toNext, text: text === undefined ? '' : text + ending }];
}

/** The last line that stays gets the line end of the first one if it has none. */
function endingOf(lines: readonly Line[], laid: NewLines, index: number): string {
  const own = lines[index]?.ending ?? '';
  const isLast = laid.findLastIndex((text) => text !== undefined) === index;
  return own === '' && isLast ? lines[0]?.ending || '\n' : own;
}

/**
 * The edits, one a line, that lay a Dockerfile out. What a build sees stays the same to the byte: commands, values
 * and here-documents, the text of triggers. Formatting what was formatted changes nothing. No edits for a file with
 * something that does not parse.
 */
export function formatDockerfile(reading: DockerfileReading): TextEdit[] {
  if (reading.errors.length > 0) return [];
  const { lines, statements, dockerfile } = reading;
  const laid = layLooseLines(lines);
  for (const statement of statements) layStatement(statement, lines, laid);
  dropLastLines(reading, laid);
  return lines.flatMap((line, index) =>
    toEdit(
      line,
      laid[index],
      line.ending === '' ? endingOf(lines, laid, index) : line.ending,
      dockerfile.file,
    ),
  );
}
