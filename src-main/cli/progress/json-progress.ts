import type { BuildProgress } from './build-progress.ts';

/** Every event of a build as one line of JSON. */
export function createJsonProgress(write: (line: string) => void): BuildProgress {
  return { show: (event) => write(JSON.stringify(event)), end: () => {} };
}
