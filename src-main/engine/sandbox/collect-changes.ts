import type { LayerWriter } from '../filetree/layer-writer.ts';
import type { RootFs } from '../filetree/root-fs.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { layerXattrs } from '../tar/layer-xattrs.ts';
import { readTar } from '../tar/read-tar.ts';
import { createTarEntry, type TarEntry, type TarItem } from '../tar/tar-entry.ts';
import { formatOpaque, formatWhiteout } from '../tar/whiteout.ts';
import type { Lane } from './open-lane.ts';
import { OVERLAY_XATTR_PREFIX } from './plan-layer-tree.ts';
import { quoteWords } from './quote-words.ts';
import { readLane } from './read-lane.ts';
import { CREATE } from './tar-stream.ts';

export interface CollectOptions extends LongOptions {
  readonly lane: Lane;
  /** The upper folder of the overlay that the command ran on. */
  readonly folder: string;
  /** What the command saw at its start. */
  readonly base: RootFs;
  readonly writer: LayerWriter;
}

/**
 * Adds what a command left in its upper folder to a layer: what it made or changed, a whiteout for what it removed,
 * an opaque whiteout in a folder that it made anew. Sockets have no form in a layer: they are left out and removed.
 */
export async function collectChanges(options: CollectOptions): Promise<void> {
  const { lane, folder, base, writer, signal } = options;
  const what = 'collect what the command changed';
  const pack = quoteWords([...CREATE, '--directory', folder, '.']);
  const drop = quoteWords(['find', folder, '-type', 's', '-delete']);
  const archive = readLane(lane, `{ ${pack} && ${drop}; }`, { what, signal });
  let touched: readonly TarEntry[] = [];
  /** The folder made anew that the walk is in: nothing of the base shows through it. */
  let renewed: string | undefined;
  for await (const item of readTar(archive, { signal, what })) {
    const { entry } = item;
    touched = touched.filter(({ path }) => entry.path.startsWith(`${path}/`));
    if (renewed !== undefined && !entry.path.startsWith(`${renewed}/`)) renewed = undefined;
    if (isOpaque(entry)) renewed ??= entry.path;
    if (renewed === undefined && isOnlyTouched(entry, base)) {
      touched = [...touched, entry];
      continue;
    }
    if (isRemoval(entry) && base.lstat(`/${entry.path}`) === undefined) continue;
    for (const folder of touched) await writer.add({ ...folder, xattrs: layerXattrs(folder.xattrs) });
    touched = [];
    await addItem(item, base, writer);
  }
}

/** A folder of which only the time changed: a layer has it only together with something in it, as BuildKit's. */
function isOnlyTouched(entry: TarEntry, base: RootFs): boolean {
  if (entry.type !== 'directory') return false;
  const before = base.lstat(`/${entry.path}`)?.entry;
  if (before?.type !== 'directory') return false;
  return before.mode === entry.mode && before.uid === entry.uid && before.gid === entry.gid;
}

async function addItem({ entry, content }: TarItem, base: RootFs, writer: LayerWriter): Promise<void> {
  if (entry.path === '') return;
  if (isRemoval(entry)) {
    await writer.add(removal(entry));
    return;
  }
  const kept = { ...entry, xattrs: layerXattrs(entry.xattrs) };
  await writer.add(kept, entry.type === 'file' ? content : undefined);
  if (isOpaque(entry) && base.lstat(`/${entry.path}`)?.entry.type === 'directory') {
    await writer.add(createTarEntry({ path: formatOpaque(entry.path), type: 'file', mtime: entry.mtime }));
  }
}

/** overlayfs's whiteout: a character device 0:0. */
function isRemoval(entry: TarEntry): boolean {
  return entry.type === 'char' && entry.devMajor === 0 && entry.devMinor === 0;
}

function removal(entry: TarEntry): TarEntry {
  return createTarEntry({ path: formatWhiteout(entry.path), type: 'file', mtime: entry.mtime });
}

function isOpaque(entry: TarEntry): boolean {
  const value = entry.xattrs.get(`${OVERLAY_XATTR_PREFIX}opaque`);
  return entry.type === 'directory' && value !== undefined && Buffer.from(value).toString() === 'y';
}
