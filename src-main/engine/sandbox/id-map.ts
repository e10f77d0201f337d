import { readFile } from 'node:fs/promises';
import { userInfo } from 'node:os';
import { isNodeError } from './is-node-error.ts';

/** A run of ids: `count` ids from `inside` on are, on the host, those from `outside` on. */
export interface IdRange {
  readonly inside: number;
  readonly outside: number;
  readonly count: number;
}

/** Which ids of the host the user namespace holds. */
export interface IdMap {
  readonly uids: readonly IdRange[];
  readonly gids: readonly IdRange[];
}

/** The user whose ranges are looked for, as `/etc/subuid` may name it. */
export interface HostUser {
  readonly name: string;
  readonly uid: number;
  readonly gid: number;
}

export function currentHostUser(): HostUser {
  const { username, uid, gid } = userInfo();
  return { name: username, uid, gid };
}

/** The user itself as root, and then every range that `/etc/subuid` and `/etc/subgid` give it; undefined without one. */
export async function readIdMap(user: HostUser): Promise<IdMap | undefined> {
  const [uids, gids] = await Promise.all([readRanges('/etc/subuid', user), readRanges('/etc/subgid', user)]);
  if (uids.length === 0 || gids.length === 0) return undefined;
  return { uids: placeRanges(user.uid, uids), gids: placeRanges(user.gid, gids) };
}

/** The first id that has no place in the namespace. */
export function firstUnmappedId(ranges: readonly IdRange[]): number {
  return ranges.reduce((sum, range) => sum + range.count, 0);
}

/** Arguments of newuidmap and newgidmap after the pid. */
export function formatRanges(ranges: readonly IdRange[]): readonly string[] {
  return ranges.flatMap((range) => [range.inside, range.outside, range.count].map(String));
}

interface SubordinateRange {
  readonly start: number;
  readonly count: number;
}

/** The ranges of one user in a subuid(5) file: lines of `name-or-uid:start:count`. */
export function parseSubordinateIds(text: string, user: HostUser): readonly SubordinateRange[] {
  return text.split('\n').flatMap((line) => {
    const [owner, start, count] = line.trim().split(':');
    if (owner !== user.name && owner !== String(user.uid)) return [];
    const range = { start: Number(start), count: Number(count) };
    return Number.isSafeInteger(range.start) && range.count > 0 ? [range] : [];
  });
}

async function readRanges(file: string, user: HostUser): Promise<readonly SubordinateRange[]> {
  try {
    return parseSubordinateIds(await readFile(file, 'utf8'), user);
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return [];
    throw error;
  }
}

function placeRanges(self: number, ranges: readonly SubordinateRange[]): readonly IdRange[] {
  const placed: IdRange[] = [{ inside: 0, outside: self, count: 1 }];
  for (const range of ranges) {
    placed.push({ inside: firstUnmappedId(placed), outside: range.start, count: range.count });
  }
  return placed;
}
