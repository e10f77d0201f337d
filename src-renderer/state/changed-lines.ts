export interface LineChanges {
  /** Lines of the text, from 1, that are not in the saved text. */
  readonly added: readonly number[];
  readonly modified: readonly number[];
  /** Lines after which saved lines are missing; 0 is before the first. */
  readonly removedAfter: readonly number[];
}

const MOST_CELLS = 1_000_000;

/** What differs between the saved text and the text, line by line. Very large rewrites count as modified whole. */
export function changedLines(saved: string, text: string): LineChanges {
  const before = saved.split('\n');
  const after = text.split('\n');
  let start = 0;
  while (start < before.length && start < after.length && before[start] === after[start]) start++;
  let tail = 0;
  const most = Math.min(before.length, after.length) - start;
  while (tail < most && before.at(-1 - tail) === after.at(-1 - tail)) tail++;
  return diffMiddle(
    before.slice(start, before.length - tail),
    after.slice(start, after.length - tail),
    start,
  );
}

function diffMiddle(before: readonly string[], after: readonly string[], start: number): LineChanges {
  const kept = before.length * after.length > MOST_CELLS ? [] : commonLines(before, after);
  const changes = { added: [] as number[], modified: [] as number[], removedAfter: [] as number[] };
  let [b, a] = [0, 0];
  for (const [nextB, nextA] of [...kept, [before.length, after.length] as const]) {
    noteGap(changes, start, nextB - b, a, nextA);
    [b, a] = [nextB + 1, nextA + 1];
  }
  return changes;
}

/** Between two kept lines: new lines in place of as many old ones are modified, the rest added or removed. */
function noteGap(
  changes: { added: number[]; modified: number[]; removedAfter: number[] },
  start: number,
  gone: number,
  from: number,
  to: number,
): void {
  for (let line = from; line < to; line++) {
    (line - from < gone ? changes.modified : changes.added).push(start + line + 1);
  }
  if (gone > to - from) changes.removedAfter.push(start + to);
}

/** A longest common subsequence, as pairs of positions. */
function commonLines(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (b: number, a: number): number => lengths[b * width + a] ?? 0;
  for (let b = before.length - 1; b >= 0; b--) {
    for (let a = after.length - 1; a >= 0; a--) {
      lengths[b * width + a] =
        before[b] === after[a] ? 1 + at(b + 1, a + 1) : Math.max(at(b + 1, a), at(b, a + 1));
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let b = 0, a = 0; b < before.length && a < after.length;) {
    if (before[b] === after[a]) pairs.push([b++, a++]);
    else if (at(b + 1, a) >= at(b, a + 1)) b++;
    else a++;
  }
  return pairs;
}
