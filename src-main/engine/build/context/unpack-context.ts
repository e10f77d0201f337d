import { createReadStream } from 'node:fs';
import { link, mkdir, open, symlink, utimes, lutimes } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { EngineError, isEngineError } from '../../../contract/errors.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { mapFsError } from '../../store/map-fs-error.ts';
import { decompress } from '../../tar/decompress.ts';
import { readTar } from '../../tar/read-tar.ts';
import type { TarEntry, TarItem } from '../../tar/tar-entry.ts';

/** True when a file begins as a tar does, plain or compressed with gzip or zstd; false for text and all else. */
export async function isTarArchive(archive: string): Promise<boolean> {
  try {
    for await (const _item of readTar(decompress(createReadStream(archive)))) return true;
    return false;
  } catch (error) {
    if (isEngineError(error, 'CORRUPT') || isEngineError(error, 'UNSUPPORTED')) return false;
    throw error;
  }
}

/**
 * Unpacks a build context from a tar, plain or compressed, into an empty folder of its own (S1, S2): nothing is
 * written through a link, since links are made last; devices, FIFOs and names that lead out of the folder are refused.
 * Owners are not kept: a build gives the context's files to root.
 */
export async function unpackContext(
  archive: string,
  folder: string,
  { signal }: LongOptions = {},
): Promise<void> {
  const links: TarEntry[] = [];
  const folders: TarEntry[] = [];
  const source = createReadStream(archive, { highWaterMark: 1024 * 1024 });
  for await (const item of readTar(decompress(source, { signal }), { signal, what: 'build context' })) {
    if (item.entry.type === 'symlink') links.push(item.entry);
    else await unpackEntry(folder, item);
    if (item.entry.type === 'directory') folders.push(item.entry);
  }
  // All folders before the first link, so that no folder is ever made through one.
  for (const entry of links) await mkdir(dirname(join(folder, entry.path)), { recursive: true });
  for (const entry of links) await unpackLink(folder, entry);
  // Last, for every file that was put into a folder changed the folder's time.
  for (const entry of folders.reverse()) await utimes(join(folder, entry.path), entry.mtime, entry.mtime);
}

async function unpackEntry(folder: string, item: TarItem): Promise<void> {
  const { entry } = item;
  const path = join(folder, entry.path);
  if (entry.type === 'directory') return void (await mkdir(path, { recursive: true }));
  await mkdir(dirname(path), { recursive: true });
  if (entry.type === 'file') return unpackFile(path, item);
  if (entry.type === 'hardlink') return place(entry, () => link(join(folder, entry.link), path));
  throw new EngineError('INVALID_INPUT', `the build context has a ${entry.type} at ${entry.path}`, {
    hint: 'A build context has files, folders and links only.',
  });
}

async function unpackFile(path: string, { entry, content }: TarItem): Promise<void> {
  await place(entry, async () => {
    await using file = await open(path, 'wx', entry.mode & 0o777);
    for await (const bytes of content) await file.writeFile(bytes);
    // The mode beyond the process's umask; a context's setuid bits never are on this machine's disk.
    await file.chmod((entry.mode & 0o777) | 0o600);
    await file.utimes(entry.mtime, entry.mtime);
  });
}

async function unpackLink(folder: string, entry: TarEntry): Promise<void> {
  const path = join(folder, entry.path);
  await place(entry, () => symlink(entry.link, path));
  await lutimes(path, entry.mtime, entry.mtime);
}

async function place(entry: TarEntry, make: () => Promise<void>): Promise<void> {
  try {
    await make();
  } catch (cause) {
    if (isEngineError(cause)) throw cause;
    throw mapFsError(cause, `unpack ${entry.path} of the build context`);
  }
}
