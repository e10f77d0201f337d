/**
 * The number of single-character edits (insert, delete, replace) that turn `a` into `b`; any number above
 * `limit` when there are more than that.
 */
export function editDistance(a: string, b: string, limit = Infinity): number {
  const from = Array.from(a);
  let row = Array.from({ length: from.length + 1 }, (_, i) => i);
  for (const [j, character] of Array.from(b).entries()) {
    const next = [j + 1];
    for (let i = 0; i < from.length; i += 1) {
      const replaced = (row[i] as number) + (from[i] === character ? 0 : 1);
      next.push(Math.min(replaced, (row[i + 1] as number) + 1, (next[i] as number) + 1));
    }
    row = next;
    if (Math.min(...row) > limit) return Infinity;
  }
  return row[from.length] as number;
}

const MAX_DISTANCE = 2;
const MAX_LENGTH = 100;
const MAX_CANDIDATES = 200;

/**
 * The candidate at most two edits away from `word`, the first of the closest ones among the first 200.
 * Undefined when there is none, and when `word` itself is a candidate (then the name is not what is wrong).
 */
export function nearest(word: string, candidates: Iterable<string>): string | undefined {
  if (word.length > MAX_LENGTH) return undefined;
  let best: string | undefined;
  let bestDistance = MAX_DISTANCE + 1;
  let seen = 0;
  for (const candidate of candidates) {
    if (candidate === word) return undefined;
    if ((seen += 1) > MAX_CANDIDATES) break;
    if (Math.abs(candidate.length - word.length) >= bestDistance) continue;
    const distance = editDistance(word, candidate, MAX_DISTANCE);
    if (distance < bestDistance) {
      best = candidate;
      bestDistance = distance;
    }
  }
  return best;
}
