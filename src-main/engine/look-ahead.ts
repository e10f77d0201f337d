import { resolve } from 'node:path';
import { lookAhead, type LookAhead } from './build/context/look-ahead.ts';
import { defaultRoot } from './default-root.ts';

export type { LookAhead } from './build/context/look-ahead.ts';

/**
 * Begins to look at the build context of a command that has just started, whichever of its words that is, for
 * `EngineOptions.lookAhead`. Loading the engine takes as long as looking at tens of thousands of files, and two cores
 * do both at once. Undefined when no word names a folder that is known to be large. Dispose of it.
 */
export function lookAheadOf(
  words: readonly string[],
  { env, cwd }: { readonly env: Readonly<Record<string, string | undefined>>; readonly cwd: string },
): LookAhead | undefined {
  const root = defaultRoot(env);
  for (const word of words) {
    const begun = word.startsWith('-') ? undefined : lookAhead(root, resolve(cwd, word));
    if (begun !== undefined) return begun;
  }
  return undefined;
}
