import type { Fold, OutlineStage } from '../../../contract/dockerfiles-api.ts';
import type { DockerfileReading } from '../read-dockerfile.ts';
import { isComment } from '../scan-lines.ts';
import type { Statement } from '../statement.ts';
import { lastLineOf } from './statement-at.ts';

function statementFolds({ base }: Statement): readonly Fold[] {
  const folds: Fold[] = [{ first: base.location.line, last: base.lastLine, kind: 'instruction' }];
  let first = base.lastLine;
  for (const { location } of base.heredocs) {
    folds.push({ first, last: location.endLine, kind: 'heredoc' });
    first = location.endLine;
  }
  return folds;
}

/** Runs of comments between statements. */
function commentFolds({ lines, statements }: DockerfileReading): readonly Fold[] {
  const folds: Fold[] = [];
  const taken = statements.map((statement) => ({
    first: statement.base.location.line,
    last: lastLineOf(statement),
  }));
  let next = 0;
  let first: number | undefined;
  for (let number = 1; number <= lines.length + 1; number += 1) {
    const line = lines[number - 1];
    while ((taken[next]?.last ?? Infinity) < number) next += 1;
    const isFree = line !== undefined && isComment(line) && number < (taken[next]?.first ?? Infinity);
    if (isFree) first ??= number;
    else if (first !== undefined) {
      folds.push({ first, last: number - 1, kind: 'comment' });
      first = undefined;
    }
  }
  return folds;
}

/** What can be folded, in the order of the file; nothing that is one line. */
export function folds(reading: DockerfileReading, stages: readonly OutlineStage[]): Fold[] {
  const stageFolds = stages
    .filter(({ index }) => index !== undefined)
    .map(({ location }): Fold => ({ first: location.line, last: location.endLine, kind: 'stage' }));
  return [...stageFolds, ...reading.statements.flatMap(statementFolds), ...commentFolds(reading)]
    .filter(({ first, last }) => last > first)
    .sort((a, b) => a.first - b.first || b.last - a.last);
}
