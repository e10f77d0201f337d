import { createWriteStream } from 'node:fs';
import { rename, rm } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { RootFs, RootFsNode } from '../../filetree/root-fs.ts';
import type { MembersOptions } from '../../image/save/layout-members.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { encodeTarEntry, TAR_END, tarPadding } from '../../tar/encode-tar-entry.ts';
import type { TarEntry } from '../../tar/tar-entry.ts';
import { contentCounter } from './content-counter.ts';

/** Writes the root file system as one tar, whole or not at all. */
export async function exportTar(rootFs: RootFs, path: string, options: MembersOptions): Promise<void> {
  const partial = `${path}.partial-${process.pid}`;
  try {
    const file = createWriteStream(partial, { flags: 'wx', mode: 0o644 });
    await pipeline(Readable.from(tarOf(rootFs, options)), file, signalOf(options));
    await rename(partial, path);
  } finally {
    await rm(partial, { force: true });
  }
}

function signalOf({ signal }: LongOptions): { signal?: AbortSignal } {
  return signal === undefined ? {} : { signal };
}

async function* tarOf(rootFs: RootFs, options: MembersOptions): AsyncGenerator<Uint8Array> {
  const counted = contentCounter(rootFs, options);
  const names = new Map<string, string>();
  for (const node of rootFs.walk('/')) {
    if (node.path === '/') continue;
    const first = names.get(node.inode);
    const entry = toEntry(node, first);
    yield encodeTarEntry(entry);
    if (first === undefined) names.set(node.inode, entry.path);
    if (entry.type !== 'file') continue;
    yield* counted(rootFs.open(node, options));
    yield tarPadding(entry.sizeBytes);
  }
  yield TAR_END;
}

function toEntry(node: RootFsNode, first: string | undefined): TarEntry {
  const path = node.path.slice(1);
  const type = node.entry.type === 'hardlink' ? 'file' : node.entry.type;
  if (first === undefined || type === 'directory') return { ...node.entry, path, type };
  return { ...node.entry, path, type: 'hardlink', link: first, sizeBytes: 0 };
}
