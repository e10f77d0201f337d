import type { BuildProgress } from './build-progress.ts';

/** Says nothing: when a program fails, the error has its last lines. */
export function createQuietProgress(): BuildProgress {
  return { show: () => {}, end: () => {} };
}
