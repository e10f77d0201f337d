import { randomBytes } from 'node:crypto';
import { open, rename, rm, stat, type FileHandle } from 'node:fs/promises';
import { basename, dirname, join, resolve } from 'node:path';
import { cancelled, EngineError, type ErrorCode } from '../../../contract/errors.ts';
import type { Store } from '../../store/store.ts';
import { archiveBytes, type SaveOptions } from './archive-bytes.ts';

const BATCH_BYTES = 1024 * 1024;

/** Writes an archive of these images to a file, whole or not at all: beside it first, synced, then renamed. */
export async function saveArchive(
  store: Store,
  refs: readonly string[],
  path: string,
  options: Omit<SaveOptions, 'onNote'>,
): Promise<{ path: string; sizeBytes: number; notes: string[] }> {
  const notes: string[] = [];
  const onNote = (text: string): void => void notes.push(text);
  const target = resolve(path);
  const temporary = join(dirname(target), `.${basename(target)}.${randomBytes(6).toString('hex')}.part`);
  try {
    await checkTarget(target);
    const sizeBytes = await writeFile(
      temporary,
      archiveBytes(store, refs, { ...options, onNote }),
      options.signal,
    );
    await rename(temporary, target);
    await syncFolder(dirname(target));
    return { path: target, sizeBytes, notes };
  } catch (error) {
    throw asEngineError(error, target);
  } finally {
    await rm(temporary, { force: true });
  }
}

async function checkTarget(target: string): Promise<void> {
  const status = await stat(target).catch(() => undefined);
  if (status?.isDirectory() !== true) return;
  throw new EngineError('INVALID_INPUT', `${target} is a folder`, { hint: 'Name a file in it.' });
}

async function writeFile(
  path: string,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  const file = await open(path, 'wx');
  try {
    const sizeBytes = await writeBatches(file, source, signal);
    await file.sync();
    return sizeBytes;
  } finally {
    await file.close();
  }
}

async function writeBatches(
  file: FileHandle,
  source: AsyncIterable<Uint8Array>,
  signal: AbortSignal | undefined,
): Promise<number> {
  let batch: Uint8Array[] = [];
  let batched = 0;
  let total = 0;
  const flush = async (): Promise<void> => {
    if (batched > 0) await writeWhole(file, Buffer.concat(batch));
    batch = [];
    batched = 0;
  };
  for await (const bytes of source) {
    if (signal?.aborted === true) throw cancelled('saving');
    batch.push(Buffer.from(bytes));
    batched += bytes.length;
    total += bytes.length;
    if (batched >= BATCH_BYTES) await flush();
  }
  await flush();
  return total;
}

/** One write may take less than it was given, for example when the disk fills up. */
async function writeWhole(file: FileHandle, bytes: Uint8Array): Promise<void> {
  for (let at = 0; at < bytes.length;) at += (await file.write(bytes, at)).bytesWritten;
}

async function syncFolder(path: string): Promise<void> {
  if (process.platform === 'win32') return;
  const folder = await open(path, 'r');
  try {
    await folder.sync();
  } finally {
    await folder.close();
  }
}

const CODES: Readonly<Record<string, readonly [ErrorCode, string]>> = {
  ENOENT: ['NOT_FOUND', 'its folder does not exist'],
  ENOTDIR: ['NOT_FOUND', 'its folder does not exist'],
  EACCES: ['PERMISSION', 'its folder may not be written to'],
  EPERM: ['PERMISSION', 'its folder may not be written to'],
  EROFS: ['PERMISSION', 'its file system is read-only'],
  ENOSPC: ['NO_SPACE', 'the disk is full'],
  EDQUOT: ['NO_SPACE', 'the disk quota is used up'],
};

function asEngineError(error: unknown, path: string): unknown {
  if (error instanceof EngineError) return error;
  const code = (error as NodeJS.ErrnoException).code ?? '';
  const [kind, why] = CODES[code] ?? (['IO', `writing failed (${code})`] as const);
  return new EngineError(kind, `${path} cannot be written: ${why}`, { cause: error });
}
