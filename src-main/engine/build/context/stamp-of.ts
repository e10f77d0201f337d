import type { BigIntStats } from 'node:fs';

/** What tells one state of a file from another without reading it. */
export function stampOf(stats: BigIntStats): string {
  return `${stats.size}:${stats.mtimeNs}:${stats.ctimeNs}:${stats.ino}`;
}
