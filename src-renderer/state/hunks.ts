import type { ComparedLine } from '../../src-main/contract/build-records-api.ts';

/** How many equal lines are shown around a difference. */
const AROUND = 3;

/** The parts of a comparison that differ, with some lines around them; none when all is the same. */
export function hunksOf(lines: readonly ComparedLine[]): readonly (readonly ComparedLine[])[] {
  const hunks: ComparedLine[][] = [];
  let last = -Infinity;
  for (const [at, line] of lines.entries()) {
    if (!isNearChange(lines, at)) continue;
    if (at !== last + 1) hunks.push([]);
    hunks.at(-1)?.push(line);
    last = at;
  }
  return hunks;
}

function isNearChange(lines: readonly ComparedLine[], at: number): boolean {
  const near = lines.slice(Math.max(0, at - AROUND), at + AROUND + 1);
  return near.some(({ before, after }) => before === undefined || after === undefined);
}
