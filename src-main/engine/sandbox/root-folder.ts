import type { RootFs } from '../filetree/root-fs.ts';
import { createTarEntry, type TarEntry } from '../tar/tar-entry.ts';

/** The root folder as the layers have it, as an entry with an empty path. */
export function rootFolderOf(rootFs: RootFs): TarEntry {
  const node = rootFs.lstat('/');
  if (node === undefined) return createTarEntry({ path: '', type: 'directory' });
  const { mode, uid, gid, mtime } = node.entry;
  return createTarEntry({ path: '', type: 'directory', mode, uid, gid, mtime });
}
