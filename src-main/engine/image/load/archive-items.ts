import { createReadStream, type Stats } from 'node:fs';
import { lstat, readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';
import { createPace } from '../../pace.ts';
import { EngineError } from '../../../contract/errors.ts';
import type { TransferProgress } from '../../../contract/oci-types.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { decompress } from '../../tar/decompress.ts';
import { readTar } from '../../tar/read-tar.ts';

/** A member of an archive, or a file of a layout folder. */
export interface ArchiveItem {
  /** Clean and relative, as `TarEntry.path`. */
  readonly path: string;
  readonly type: 'file' | 'link' | 'other';
  readonly sizeBytes: number;
  /** What a link names, as a path in the archive; '' otherwise. */
  readonly link: string;
  /** May be read once, before the next item is asked for. */
  readonly content: AsyncIterable<Uint8Array>;
}

export type ItemsOptions = LongOptions & {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

const MAX_ITEMS = 100_000;
const MAX_RATIO = 1100;
const ALWAYS_ALLOWED_BYTES = 16 * 1024 ** 3;
const READ_BYTES = 256 * 1024;

/** The members of an archive (plain, gzip or zstd) in its order, or the files of an OCI layout folder. */
export async function* archiveItems(path: string, options: ItemsOptions): AsyncGenerator<ArchiveItem> {
  const status = await statArchive(path);
  if (status.isDirectory()) yield* folderItems(path);
  else if (status.isFile()) yield* tarItems(path, status.size, options);
  else throw new EngineError('INVALID_INPUT', `${path} is neither a file nor a folder`);
}

async function statArchive(path: string): Promise<Stats> {
  try {
    return await stat(path);
  } catch (cause) {
    throw fileError(cause, path);
  }
}

function fileError(cause: unknown, path: string): unknown {
  const code = (cause as NodeJS.ErrnoException).code;
  if (code === 'ENOENT' || code === 'ENOTDIR') {
    return new EngineError('NOT_FOUND', `there is no file ${path}`, { cause });
  }
  if (code === 'EACCES' || code === 'EPERM') {
    return new EngineError('PERMISSION', `${path} may not be read`, { cause });
  }
  return cause instanceof EngineError
    ? cause
    : new EngineError('IO', `${path} cannot be read: ${String(code)}`, { cause });
}

async function* tarItems(
  path: string,
  totalBytes: number,
  options: ItemsOptions,
): AsyncGenerator<ArchiveItem> {
  const { signal } = options;
  const limitBytes = Math.max(ALWAYS_ALLOWED_BYTES, totalBytes * MAX_RATIO);
  const plain = decompress(readFile(path, totalBytes, options), { signal, limitBytes });
  for await (const { entry, content } of readTar(plain, {
    signal,
    maxEntries: MAX_ITEMS,
    what: `archive ${path}`,
  })) {
    const isLink = entry.type === 'symlink' || entry.type === 'hardlink';
    const link = entry.type === 'symlink' ? resolveLink(entry.path, entry.link) : entry.link;
    const type = entry.type === 'file' ? 'file' : isLink ? 'link' : 'other';
    yield { path: entry.path, type, sizeBytes: entry.sizeBytes, link, content };
  }
}

/** A symbolic link's target as a path in the archive; it never leaves it (S1). */
function resolveLink(path: string, link: string): string {
  const parts = link.startsWith('/') ? [] : path.split('/').slice(0, -1);
  for (const name of link.split('/')) {
    if (name === '..') parts.pop();
    else if (name !== '' && name !== '.') parts.push(name);
  }
  return parts.join('/');
}

async function* readFile(
  path: string,
  totalBytes: number,
  { signal, onProgress }: ItemsOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const stream = createReadStream(path, { highWaterMark: READ_BYTES, signal });
  const pace = createPace();
  let bytes = 0;
  try {
    for await (const chunk of stream as AsyncIterable<Buffer>) {
      bytes += chunk.length;
      if (pace.isDue(bytes === totalBytes)) {
        onProgress?.({ what: 'load', bytes, totalBytes, bytesPerSecond: pace.rate(bytes) });
      }
      yield chunk;
    }
  } catch (cause) {
    if (signal?.aborted === true) throw new EngineError('CANCELLED', 'loading was cancelled', { cause });
    throw fileError(cause, path);
  } finally {
    stream.destroy();
  }
}

const TOP_FILES = ['oci-layout', 'index.json', 'manifest.json'];

/** Regular files only: a layout folder has no reason for links, and following them would leave it (S1). */
async function* folderItems(folder: string): AsyncGenerator<ArchiveItem> {
  const blobs: string[] = [];
  for (const algorithm of ['sha256', 'sha512']) {
    const names = await readdir(join(folder, 'blobs', algorithm)).catch(() => []);
    blobs.push(...names.sort().map((name) => `blobs/${algorithm}/${name}`));
  }
  for (const path of [...TOP_FILES, ...blobs]) {
    const host = join(folder, path);
    const status = await lstat(host).catch(() => undefined);
    if (status?.isFile() !== true) continue;
    const content = readFile(host, status.size, {});
    yield { path, type: 'file', sizeBytes: status.size, link: '', content };
  }
}
