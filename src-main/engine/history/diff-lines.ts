import type { ComparedLine } from '../../contract/build-records-api.ts';

/** Above so many pairs of lines the two middles are told as replaced whole. */
const MOST_PAIRS = 4_000_000;

export interface Pair<T> {
  readonly before?: T;
  readonly after?: T;
}

/** Two lists beside each other, equal ones paired by a longest common subsequence; of a difference the old come first. */
export function pairUp<T>(before: readonly T[], after: readonly T[], keyOf: (item: T) => string): Pair<T>[] {
  const [old, now] = [before.map(keyOf), after.map(keyOf)];
  const most = Math.min(old.length, now.length);
  let head = 0;
  while (head < most && old[head] === now[head]) head += 1;
  let tail = 0;
  while (tail < most - head && old.at(-1 - tail) === now.at(-1 - tail)) tail += 1;
  const kept = commonPairs(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  const pairs: Pair<T>[] = [];
  let [b, a] = [0, 0];
  const take = (untilB: number, untilA: number): void => {
    for (; b < untilB; b += 1) pairs.push({ before: before[b] as T });
    for (; a < untilA; a += 1) pairs.push({ after: after[a] as T });
  };
  const keep = (): void => void pairs.push({ before: before[b++] as T, after: after[a++] as T });
  while (b < head) keep();
  for (const [keptB, keptA] of kept) {
    take(head + keptB, head + keptA);
    keep();
  }
  take(before.length - tail, after.length - tail);
  while (b < before.length) keep();
  return pairs;
}

/** Two texts line by line. */
export function diffLines(before: string, after: string): ComparedLine[] {
  const number = (text: string) => text.split('\n').map((line, at) => ({ text: line, number: at + 1 }));
  return pairUp(number(before), number(after), ({ text }) => text).map((pair) => ({
    text: (pair.after ?? pair.before)?.text ?? '',
    ...(pair.before === undefined ? {} : { before: pair.before.number }),
    ...(pair.after === undefined ? {} : { after: pair.after.number }),
  }));
}

/** A longest common subsequence, as pairs of positions. */
function commonPairs(before: readonly string[], after: readonly string[]): (readonly [number, number])[] {
  if (before.length * after.length > MOST_PAIRS) return [];
  const width = after.length + 1;
  const lengths = new Uint32Array((before.length + 1) * width);
  const at = (b: number, a: number): number => lengths[b * width + a] ?? 0;
  for (let b = before.length - 1; b >= 0; b -= 1) {
    for (let a = after.length - 1; a >= 0; a -= 1) {
      const longest = before[b] === after[a] ? 1 + at(b + 1, a + 1) : Math.max(at(b + 1, a), at(b, a + 1));
      lengths[b * width + a] = longest;
    }
  }
  const pairs: (readonly [number, number])[] = [];
  for (let b = 0, a = 0; b < before.length && a < after.length;) {
    if (before[b] === after[a]) pairs.push([b++, a++]);
    else if (at(b + 1, a) >= at(b, a + 1)) b += 1;
    else a += 1;
  }
  return pairs;
}
