import type { TocEntry } from '../../filetree/toc.ts';
import { compareContent } from './compare-content.ts';

/** Where two entries are first different. */
export interface EntryDifference {
  /** '' when it is no entry's. */
  readonly path: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
  /** The first byte of the content that differs. */
  readonly offset?: number | undefined;
}

/** An entry, and a way to read the file that it is. */
export interface ComparedEntry {
  readonly entry: TocEntry;
  readonly open: () => AsyncIterable<Uint8Array>;
}

/** What differs first between the same entry of two builds, which one of them may not have; undefined for nothing. */
export async function compareEntry(
  before: ComparedEntry | undefined,
  after: ComparedEntry | undefined,
): Promise<EntryDifference | undefined> {
  const [a, b] = [before?.entry, after?.entry];
  if (before === undefined || after === undefined || a === undefined || b === undefined)
    return comparePresence(a, b);
  return compareMeta(a, b) ?? (await compareFiles(before, after)) ?? compareTime(a, b);
}

function comparePresence(a: TocEntry | undefined, b: TocEntry | undefined): EntryDifference | undefined {
  const path = a?.path ?? b?.path;
  const there = (entry: TocEntry | undefined): string => entry?.type ?? 'missing';
  return path === undefined ? undefined : { path, field: 'presence', before: there(a), after: there(b) };
}

/** What an entry is, as people read it; the content and its time come after this. */
const FIELDS: readonly (readonly [string, (entry: TocEntry) => string])[] = [
  ['type', ({ type }) => type],
  ['mode', ({ mode }) => `0${mode.toString(8)}`],
  ['uid', ({ uid }) => String(uid)],
  ['gid', ({ gid }) => String(gid)],
  ['link', ({ link }) => link],
  ['device', ({ devMajor, devMinor }) => `${devMajor}:${devMinor}`],
  [
    'xattrs',
    ({ xattrs }) =>
      Array.from(xattrs, ([name, value]) => `${name}=${Buffer.from(value).toString('hex')}`).join(' '),
  ],
];

function compareMeta(a: TocEntry, b: TocEntry): EntryDifference | undefined {
  for (const [field, read] of FIELDS) {
    const [before, after] = [read(a), read(b)];
    if (before !== after) return { path: a.path, field, before, after };
  }
  return undefined;
}

async function compareFiles(a: ComparedEntry, b: ComparedEntry): Promise<EntryDifference | undefined> {
  if (a.entry.contentDigest === b.entry.contentDigest) return undefined;
  const found = await compareContent(a.open(), b.open());
  return found === undefined ? undefined : { path: a.entry.path, field: 'content', ...found };
}

function compareTime(a: TocEntry, b: TocEntry): EntryDifference | undefined {
  const [before, after] = [formatTime(a), formatTime(b)];
  return before === after ? undefined : { path: a.path, field: 'mtime', before, after };
}

/** As it is in the layer: whole seconds. */
function formatTime({ mtime }: TocEntry): string {
  return new Date(Math.floor(mtime) * 1000).toISOString();
}
