import { openLayerFile } from '../../filetree/open-layer-file.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import type { TocEntry } from '../../filetree/toc.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { compareEntry, type ComparedEntry, type EntryDifference } from './compare-entry.ts';

/** The first entry that differs, in the order of the archive; undefined when all of them are the same. */
export async function compareLayers(
  store: Store,
  before: StoredLayer,
  after: StoredLayer,
  options: LongOptions,
): Promise<EntryDifference | undefined> {
  const [ours, theirs] = [before.toc.entries, after.toc.entries];
  const [ourPaths, theirPaths] = [pathsOf(ours), pathsOf(theirs)];
  const compared = (layer: StoredLayer, entry: TocEntry): ComparedEntry => ({
    entry,
    open: () => openLayerFile(store, layer, entry, options),
  });
  for (let at = 0; at < Math.max(ours.length, theirs.length); at += 1) {
    const [a, b] = [ours[at], theirs[at]];
    const ourEntry = a && compared(before, a);
    const theirEntry = b && compared(after, b);
    if (a !== undefined && !theirPaths.has(a.path)) return compareEntry(ourEntry, undefined);
    if (b !== undefined && !ourPaths.has(b.path)) return compareEntry(undefined, theirEntry);
    if (a?.path !== b?.path) return otherOrder(a?.path, b?.path);
    const found = await compareEntry(ourEntry, theirEntry);
    if (found !== undefined) return found;
  }
  return undefined;
}

function pathsOf(entries: readonly TocEntry[]): ReadonlySet<string> {
  return new Set(entries.map(({ path }) => path));
}

function otherOrder(before = '', after = ''): EntryDifference {
  return { path: before || after, field: 'order', before, after };
}
