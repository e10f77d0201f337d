import type { SourceLocation } from '../../../contract/errors.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import type { Heredoc } from '../instruction.ts';
import type { Statement } from '../statement.ts';
import { expandingRanges } from './expanding-ranges.ts';
import { findVariables } from './find-variables.ts';
import { statementParts, wordRanges } from './statement-parts.ts';
import type { StatementPart } from './statement-parts.ts';
import { locateRange, textOf } from './text-range.ts';
import type { TextRange } from './text-range.ts';

/** The scope of the arguments before the first FROM and of every FROM; stages have their index. */
export const GLOBAL_SCOPE = -1;

/** A place that names a variable. */
export interface VariableMention {
  readonly name: string;
  /** The name alone. */
  readonly location: SourceLocation;
  /** A stage's index, or GLOBAL_SCOPE. */
  readonly scope: number;
  /** `value`: set here to something; `name`: ARG without a default; `use`: read. */
  readonly role: 'value' | 'name' | 'use';
}

type Found = Pick<VariableMention, 'name' | 'location' | 'role'>;

/** The names that ARG and ENV define, where they stand. */
function definedNames(part: StatementPart): readonly Found[] {
  if (part.name !== 'arg' && part.name !== 'env') return [];
  const words = wordRanges(part, part.args, true);
  const first = words[0];
  if (first === undefined) return [];
  const isLegacy = part.name === 'env' && !textOf(part.source, first).includes('=');
  return (isLegacy ? [first] : words).flatMap((word) => definedName(part, word, isLegacy));
}

function definedName(part: StatementPart, word: TextRange, isLegacy: boolean): readonly Found[] {
  const text = textOf(part.source, word);
  const equals = text.indexOf('=');
  const name = equals < 0 ? text : text.slice(0, equals);
  if (!/^\w+$/.test(name)) return [];
  const location = locateRange(part.source, { start: word.start, end: word.start + name.length });
  return [{ name, location, role: equals < 0 && !isLegacy ? 'name' : 'value' }];
}

function usedNames(part: StatementPart): readonly Found[] {
  return expandingRanges(part).flatMap((range) => {
    const escape = range.by === 'shell' ? '\\' : part.escape;
    return findVariables(part.source.text, range, { escape, quotes: true }).map(({ name, at }) => ({
      name,
      location: locateRange(part.source, at),
      role: 'use' as const,
    }));
  });
}

/** Variables in the content of a here-document of COPY or ADD. */
function heredocNames(heredoc: Heredoc, file: string): readonly Found[] {
  if (!heredoc.expand) return [];
  const whole = { start: 0, end: heredoc.content.length };
  const names = findVariables(heredoc.content, whole, { escape: '\\', quotes: false });
  let line = heredoc.location.line;
  let lineStart = 0;
  return names.map(({ name, at }) => {
    for (let feed = heredoc.content.indexOf('\n', lineStart); feed >= 0 && feed < at.start;) {
      line += 1;
      lineStart = feed + 1;
      feed = heredoc.content.indexOf('\n', lineStart);
    }
    const column = at.start - lineStart + 1;
    const location = { file, line, column, endLine: line, endColumn: column + name.length };
    return { name, location, role: 'use' };
  });
}

function mentionsIn(statement: Statement): readonly Found[] {
  const found = statementParts(statement).flatMap((part) => [...definedNames(part), ...usedNames(part)]);
  if (statement.name !== 'copy' && statement.name !== 'add') return found;
  const { file } = statement.base.location;
  return [...found, ...statement.base.heredocs.flatMap((heredoc) => heredocNames(heredoc, file))];
}

/** Every place of a file that names a variable, in the order of the file. */
export function variableMentions(reading: DockerfileReading): readonly VariableMention[] {
  const stages = new Map(reading.dockerfile.stages.map((stage) => [stage.from.keyword, stage.index]));
  let current = GLOBAL_SCOPE;
  return reading.statements.flatMap((statement) => {
    const opened = stages.get(statement.base.keyword);
    current = opened ?? current;
    const scope = statement.name === 'from' ? GLOBAL_SCOPE : current;
    return mentionsIn(statement)
      .map((mention) => ({ ...mention, scope }))
      .sort(byPlace);
  });
}

function byPlace({ location: a }: Found, { location: b }: Found): number {
  return a.line - b.line || a.column - b.column;
}
