import { isAbsolute, relative } from 'node:path';

/** A file's path as seen from the working folder where that is shorter. */
export function seenFrom(cwd: string, file: string): string {
  const seen = isAbsolute(file) ? relative(cwd, file) : file;
  return seen.startsWith('..') ? file : seen;
}
