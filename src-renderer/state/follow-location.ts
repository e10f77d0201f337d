import type { SourceLocation } from '../../src-main/contract/errors.ts';

/**
 * Where a place of one text is in a later one: moved by the lines that came or went above it, undefined once one of
 * its own lines has changed.
 */
export function followLocation(
  before: string,
  after: string,
  location: SourceLocation,
): SourceLocation | undefined {
  const [old, now] = [before.split('\n'), after.split('\n')];
  if (location.endLine <= commonHead(old, now)) return location;
  if (location.line <= old.length - commonTail(old, now)) return undefined;
  const by = now.length - old.length;
  return { ...location, line: location.line + by, endLine: location.endLine + by };
}

function commonHead(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a[count] === b[count]) count++;
  return count;
}

function commonTail(a: readonly string[], b: readonly string[]): number {
  const most = Math.min(a.length, b.length);
  let count = 0;
  while (count < most && a.at(-1 - count) === b.at(-1 - count)) count++;
  return count;
}
