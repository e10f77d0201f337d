import type { BuildSummary } from '../../contract/build-records-api.ts';
import { GramSet } from './gram-set.ts';
import { MOST_SEARCHED, recordTexts } from './record-texts.ts';
import type { SearchIndex } from './search-index.ts';

/**
 * Whether a build has this text, in any case, in its tags, paths, arguments, Dockerfile, failure or log. A record that
 * has ended is read once for the index; later it is read only where that cannot rule the text out.
 */
export async function matchesRecord(
  path: string,
  summary: BuildSummary,
  wanted: string,
  index: SearchIndex,
): Promise<boolean> {
  const needle = wanted.toLowerCase().slice(0, MOST_SEARCHED);
  if (wordsOf(summary).some((word) => word.toLowerCase().includes(needle))) return true;
  if (summary.status === 'running') return isWithin(path, needle);
  const known = index.get(summary.id, summary.sizeBytes);
  if (known === undefined) return learn(path, summary, needle, index);
  return new GramSet(known).mayHold(needle) && isWithin(path, needle);
}

function wordsOf({ id, name, tags, context, target, digest, failure }: BuildSummary): string[] {
  return [id, name, ...tags, context, target ?? '', digest ?? '', failure ?? ''];
}

async function isWithin(path: string, needle: string): Promise<boolean> {
  for await (const text of recordTexts(path)) if (text.includes(needle)) return true;
  return false;
}

async function learn(
  path: string,
  { id, sizeBytes }: BuildSummary,
  needle: string,
  index: SearchIndex,
): Promise<boolean> {
  const grams = new GramSet();
  let isFound = false;
  for await (const text of recordTexts(path)) {
    grams.add(text);
    isFound ||= text.includes(needle);
  }
  index.put(id, sizeBytes, grams.toBytes());
  return isFound;
}
