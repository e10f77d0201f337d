import { chmodSync, lutimesSync, mkdirSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import type { TarEntry } from '../tar/tar-entry.ts';
import { PRIVATE_FOLDER } from './open-lane.ts';
import type { TreeEntry } from './tar-stream.ts';

/**
 * Writes those entries that the engine can write itself (its user is root in the namespace): folders, links and small
 * files of root without attributes. Answers the others, which only tar inside the namespace can make. Calls that take
 * microseconds each, a dozen for most commands: as promises they would take longer than what they wait for.
 */
export function writeEntries(folder: string, entries: readonly TreeEntry[]): readonly TreeEntry[] {
  const left = new Map<string, TreeEntry>();
  const folders: TarEntry[] = [];
  for (const each of entries) {
    const { entry } = each;
    if (left.has(parentOf(entry.path)) || !isPlain(each)) left.set(entry.path, each);
    else writePlain(folder, each);
    if (entry.type === 'directory' && !left.has(entry.path)) folders.push(entry);
  }
  // Last, and inner ones first: what is made in a folder changes its time.
  for (const entry of folders.reverse()) setTime(folder, entry);
  return [...left.values()];
}

function isPlain({ entry, content }: TreeEntry): boolean {
  if (entry.uid !== 0 || entry.gid !== 0 || entry.xattrs.size > 0) return false;
  // Memory that only the lane sees.
  if (entry.path.startsWith(`${PRIVATE_FOLDER}/`)) return false;
  if (entry.type === 'file') return entry.sizeBytes === 0 || content instanceof Uint8Array;
  return entry.type === 'directory' || entry.type === 'symlink';
}

function writePlain(folder: string, { entry, content }: TreeEntry): void {
  const path = join(folder, entry.path);
  switch (entry.type) {
    case 'symlink':
      return symlinkSync(entry.link, path);
    case 'directory':
      mkdirSync(path, { recursive: true });
      return chmodSync(path, entry.mode);
    default:
      writeFileSync(path, content instanceof Uint8Array ? content : '');
      return chmodSync(path, entry.mode);
  }
}

function setTime(folder: string, { path, mtime }: TarEntry): void {
  lutimesSync(join(folder, path), mtime, mtime);
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}
