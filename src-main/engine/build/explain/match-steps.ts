/** What steps of two builds are matched by. */
export interface MatchedStep {
  readonly stage: string;
  readonly keyword: string;
  readonly written: string;
}

const SAME_TEXT = 4;
const SAME_STAGE = 0.5;
/** Of steps with the same keyword, by how many of their words they share. */
const SHARED_WORDS = 2;

/** With more pairs than this only equal texts are the same step: nobody waits for a better guess. */
const MOST_PAIRS = 40_000;

/**
 * Which earlier step each of the steps is, as a diff would say: the alignment that keeps most, in order. A step that
 * was inserted is none of the earlier ones.
 */
export function matchSteps<Earlier extends MatchedStep>(
  steps: readonly MatchedStep[],
  earlier: readonly Earlier[],
): ReadonlyMap<number, Earlier> {
  const start = sameStart(steps, earlier);
  const matches = new Map(earlier.slice(0, start).map((step, index) => [index, step]));
  const [rest, others] = [steps.slice(start), earlier.slice(start)];
  const best = scoreTable(rest, others);
  let [i, j] = [rest.length, others.length];
  while (i > 0 && j > 0) {
    const here = best[i]?.[j];
    const other = others[j - 1];
    if (here === best[i - 1]?.[j]) i -= 1;
    else if (here === best[i]?.[j - 1]) j -= 1;
    else {
      if (other !== undefined) matches.set(start + i - 1, other);
      [i, j] = [i - 1, j - 1];
    }
  }
  return matches;
}

function sameStart(a: readonly MatchedStep[], b: readonly MatchedStep[]): number {
  const first = a.findIndex((step, index) => {
    const other = b[index];
    return other?.written !== step.written || other.stage !== step.stage || other.keyword !== step.keyword;
  });
  return first < 0 ? a.length : first;
}

/** The best score of the first i steps with the first j earlier ones. */
function scoreTable(steps: readonly MatchedStep[], earlier: readonly MatchedStep[]): readonly number[][] {
  const withWords = steps.length * earlier.length <= MOST_PAIRS;
  const prepared = (step: MatchedStep) => ({ step, words: withWords ? wordsOf(step.written) : NO_WORDS });
  const others = earlier.map(prepared);
  const best: number[][] = [new Array<number>(earlier.length + 1).fill(0)];
  for (const [i, step] of steps.map(prepared).entries()) {
    const above = best[i] ?? [];
    const row = [0];
    for (const [j, other] of others.entries()) {
      const score = likeness(step, other, withWords);
      const matched = score === 0 ? 0 : (above[j] ?? 0) + score;
      row.push(Math.max(matched, above[j + 1] ?? 0, row[j] ?? 0));
    }
    best.push(row);
  }
  return best;
}

interface Prepared {
  readonly step: MatchedStep;
  readonly words: ReadonlySet<string>;
}

function likeness(a: Prepared, b: Prepared, withWords: boolean): number {
  if (a.step.keyword !== b.step.keyword) return 0;
  const stage = a.step.stage === b.step.stage ? SAME_STAGE : 0;
  if (a.step.written === b.step.written) return SAME_TEXT + stage;
  return withWords ? 1 + SHARED_WORDS * shareOf(a.words, b.words) + stage : 0;
}

/** How much of the words is in both, from 0 to 1. */
function shareOf(a: ReadonlySet<string>, b: ReadonlySet<string>): number {
  let shared = 0;
  for (const word of a) if (b.has(word)) shared += 1;
  return shared / Math.max(a.size, b.size, 1);
}

const COMPARED_CHARACTERS = 2000;
const NO_WORDS: ReadonlySet<string> = new Set();

function wordsOf(text: string): ReadonlySet<string> {
  return new Set(text.slice(0, COMPARED_CHARACTERS).split(/\s+/).slice(1));
}
