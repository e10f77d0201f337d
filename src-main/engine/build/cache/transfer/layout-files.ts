import { lstat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../../../contract/errors.ts';
import type { LongOptions } from '../../../store/blob-store.ts';
import { readTar } from '../../../tar/read-tar.ts';
import { readSlice } from '../../source/read-archive.ts';

/** A file of an OCI layout. */
export interface LayoutFile {
  readonly sizeBytes: number;
  open(): AsyncIterable<Uint8Array>;
}

/** The files of an OCI layout by their paths in it; undefined for what is not there. */
export type FindLayoutFile = (path: string) => Promise<LayoutFile | undefined>;

/** Regular files of a folder only: a layout has no reason for links, and following them would leave it (S1). */
export function folderFiles(folder: string): FindLayoutFile {
  return async (path) => {
    const host = join(folder, path);
    const status = await lstat(host).catch(() => undefined);
    if (status?.isFile() !== true) return undefined;
    return { sizeBytes: status.size, open: () => readSlice(host, 0, status.size) };
  };
}

const MAX_ENTRIES = 200_000;

/** The files of a plain tar, found by reading it once. */
export async function archiveFiles(archive: string, options: LongOptions): Promise<FindLayoutFile> {
  const status = await lstat(archive).catch(() => undefined);
  if (status?.isFile() !== true) throw new EngineError('NOT_FOUND', `there is no file ${archive}`);
  const files = new Map<string, LayoutFile>();
  const items = readTar(readSlice(archive, 0, status.size), {
    ...options,
    maxEntries: MAX_ENTRIES,
    what: archive,
  });
  for await (const { entry, contentOffset } of items) {
    const { path, sizeBytes } = entry;
    if (entry.type === 'file')
      files.set(path, { sizeBytes, open: () => readSlice(archive, contentOffset, sizeBytes) });
  }
  return (path) => Promise.resolve(files.get(path));
}
