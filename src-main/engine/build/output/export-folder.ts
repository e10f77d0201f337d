import { createWriteStream } from 'node:fs';
import { chmod, link, lutimes, mkdir, readdir, rm, symlink, utimes } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError } from '../../../contract/errors.ts';
import type { RootFs, RootFsNode } from '../../filetree/root-fs.ts';
import type { MembersOptions } from '../../image/save/layout-members.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { contentCounter } from './content-counter.ts';

/**
 * Writes the root file system into a new or empty folder of the host. Nothing that is there is followed or replaced;
 * devices and pipes are left out, owners are the caller's, and no setuid bit is set (S1, S2).
 */
export async function exportFolder(rootFs: RootFs, folder: string, options: MembersOptions): Promise<void> {
  const isNew = (await mkdir(folder, { recursive: true })) !== undefined;
  if ((await readdir(folder)).length > 0) {
    throw new EngineError('CONFLICT', `${folder} is not empty`, { hint: 'Name a new or an empty folder.' });
  }
  try {
    await writeNodes(rootFs, folder, options);
  } catch (error) {
    await empty(folder, isNew);
    throw mapCollision(error, folder);
  }
}

async function writeNodes(rootFs: RootFs, folder: string, options: MembersOptions): Promise<void> {
  const read = contentReader(rootFs, options);
  const names = new Map<string, string>();
  const folders: RootFsNode[] = [];
  for (const node of rootFs.walk('/')) {
    options.signal?.throwIfAborted();
    if (node.path === '/') continue;
    const path = `${folder}${node.path}`;
    if (node.entry.type === 'directory') {
      await mkdir(path, { mode: 0o700 });
      folders.push(node);
    } else await writeLeaf(read, node, path, names, options);
  }
  for (const node of folders.reverse()) await setMetadata(node, `${folder}${node.path}`);
}

type ReadContent = (node: RootFsNode) => AsyncIterable<Uint8Array>;

function contentReader(rootFs: RootFs, options: MembersOptions): ReadContent {
  const counted = contentCounter(rootFs, options);
  return (node) => counted(rootFs.open(node, options));
}

async function writeLeaf(
  read: ReadContent,
  node: RootFsNode,
  path: string,
  names: Map<string, string>,
  options: LongOptions,
): Promise<void> {
  const { type } = node.entry;
  if (type === 'symlink') {
    await symlink(node.entry.link, path);
    return lutimes(path, node.entry.mtime, node.entry.mtime);
  }
  if (type !== 'file' && type !== 'hardlink') return;
  const first = names.get(node.inode);
  if (first !== undefined) return link(first, path);
  names.set(node.inode, path);
  const { signal } = options;
  await pipeline(Readable.from(read(node)), createWriteStream(path, { flags: 'wx', mode: 0o600 }), {
    ...(signal === undefined ? {} : { signal }),
  });
  await setMetadata(node, path);
}

async function setMetadata(node: RootFsNode, path: string): Promise<void> {
  await chmod(path, node.entry.mode & 0o777);
  await utimes(path, node.entry.mtime, node.entry.mtime);
}

async function empty(folder: string, isNew: boolean): Promise<void> {
  if (isNew) return rm(folder, { recursive: true, force: true });
  for (const name of await readdir(folder)) await rm(`${folder}/${name}`, { recursive: true, force: true });
}

function mapCollision(error: unknown, folder: string): unknown {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') return error;
  const message = `two names of the image are the same name in ${folder}: ${(error as NodeJS.ErrnoException).path ?? ''}`;
  return new EngineError('CONFLICT', message, { cause: error, hint: 'Export it as a tar instead.' });
}
