import { openLayerFile } from '../../filetree/open-layer-file.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import type { TocEntry } from '../../filetree/toc.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { compareContent } from './compare-content.ts';

/** Where two layers are first different. */
export interface EntryDifference {
  /** '' when it is no entry's. */
  readonly path: string;
  readonly field: string;
  readonly before: string;
  readonly after: string;
  /** The first byte of the content that differs. */
  readonly offset?: number | undefined;
}

/** The first entry that differs, in the order of the archive; undefined when all of them are the same. */
export async function compareLayers(
  store: Store,
  before: StoredLayer,
  after: StoredLayer,
  options: LongOptions,
): Promise<EntryDifference | undefined> {
  const [ours, theirs] = [before.toc.entries, after.toc.entries];
  const [ourPaths, theirPaths] = [pathsOf(ours), pathsOf(theirs)];
  for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1) {
    const [a, b] = [ours[at], theirs[at]];
    if (a?.path !== b?.path) return comparePresence(a, b, ourPaths, theirPaths);
    if (a === undefined || b === undefined) return undefined;
    const found =
      compareMeta(a, b) ?? (await compareFiles(store, [before, a], [after, b], options)) ?? compareTime(a, b);
    if (found !== undefined) return found;
  }
  return undefined;
}

function pathsOf(entries: readonly TocEntry[]): ReadonlySet<string> {
  return new Set(entries.map(({ path }) => path));
}

function comparePresence(
  a: TocEntry | undefined,
  b: TocEntry | undefined,
  ours: ReadonlySet<string>,
  theirs: ReadonlySet<string>,
): EntryDifference {
  if (a !== undefined && !theirs.has(a.path))
    return { path: a.path, field: 'presence', before: a.type, after: 'missing' };
  if (b !== undefined && !ours.has(b.path))
    return { path: b.path, field: 'presence', before: 'missing', after: b.type };
  return { path: a?.path ?? b?.path ?? '', field: 'order', before: a?.path ?? '', after: b?.path ?? '' };
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

async function compareFiles(
  store: Store,
  [ourLayer, a]: readonly [StoredLayer, TocEntry],
  [theirLayer, b]: readonly [StoredLayer, TocEntry],
  options: LongOptions,
): Promise<EntryDifference | undefined> {
  if (a.contentDigest === b.contentDigest) return undefined;
  const found = await compareContent(
    openLayerFile(store, ourLayer, a, options),
    openLayerFile(store, theirLayer, b, options),
  );
  return found === undefined ? undefined : { path: a.path, field: 'content', ...found };
}

function compareTime(a: TocEntry, b: TocEntry): EntryDifference | undefined {
  const [before, after] = [formatTime(a), formatTime(b)];
  return before === after ? undefined : { path: a.path, field: 'mtime', before, after };
}

/** As it is in the layer: whole seconds. */
function formatTime({ mtime }: TocEntry): string {
  return new Date(Math.floor(mtime) * 1000).toISOString();
}
