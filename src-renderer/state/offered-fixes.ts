import type { Diagnostic } from '../../src-main/contract/builds-api.ts';
import type { TextEdit } from '../../src-main/contract/dockerfiles-api.ts';
import type { DockerfileDocument } from './dockerfile-document.svelte.ts';

export interface OfferedFix {
  readonly title: string;
  readonly edits: readonly TextEdit[];
}

/** The fixes of some problems, and one for all of a rule where the file has more of them. */
export function fixesAt(
  document: DockerfileDocument,
  problems: readonly Diagnostic[],
): readonly OfferedFix[] {
  const own = problems.flatMap(({ fixes = [] }) =>
    fixes.map((fix) => ({ title: fix.title, edits: document.editsOf(fix) })),
  );
  const rules = new Set(problems.flatMap(({ rule }) => rule ?? []));
  return [...own, ...[...rules].flatMap((rule) => fixOfAll(document, rule))].filter(
    ({ edits }) => edits.length > 0,
  );
}

/** Mends each problem of a rule in its likeliest way. */
function fixOfAll(document: DockerfileDocument, rule: string): readonly OfferedFix[] {
  const all = document.problems.flatMap((problem) =>
    problem.rule === rule ? (problem.fixes?.slice(0, 1) ?? []) : [],
  );
  if (all.length < 2) return [];
  const edits = withoutOverlaps(all.flatMap((fix) => document.editsOf(fix)));
  return [{ title: `Fix all ${all.length} of ${rule}`, edits }];
}

/** Of edits that touch the same place the first; what is left over shows again at the next check. */
function withoutOverlaps(edits: readonly TextEdit[]): readonly TextEdit[] {
  const kept: TextEdit[] = [];
  for (const edit of edits.toSorted((a, b) => compare(startOf(a), startOf(b)))) {
    const last = kept.at(-1);
    if (last === undefined || compare(endOf(last), startOf(edit)) <= 0) kept.push(edit);
  }
  return kept;
}

type Point = readonly [line: number, column: number];

function startOf({ location }: TextEdit): Point {
  return [location.line, location.column];
}

function endOf({ location }: TextEdit): Point {
  return [location.endLine, location.endColumn];
}

function compare([line, column]: Point, [otherLine, otherColumn]: Point): number {
  return line - otherLine || column - otherColumn;
}
