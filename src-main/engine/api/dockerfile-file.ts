import { randomUUID } from 'node:crypto';
import { chmod, open, readFile, realpath, rename, rm, stat } from 'node:fs/promises';
import { dirname, join, resolve } from 'node:path';
import { EngineError } from '../../contract/errors.ts';
import { mapFsError } from '../store/map-fs-error.ts';

const LIMIT_BYTES = 4 * 1024 * 1024;

/** A Dockerfile on disk, as the editor sees it. */
export interface DockerfileFile {
  readonly text: string;
  readonly file: string;
  readonly modifiedAt: string;
}

/** Reads a context's Dockerfile. NOT_FOUND, LIMIT_EXCEEDED above 4 MiB, INVALID_INPUT when it is not UTF-8 text. */
export async function readDockerfile(context: string, dockerfile: string): Promise<DockerfileFile> {
  const file = resolve(context, dockerfile);
  const found = await stat(file).catch((cause: unknown) => {
    throw mapFsError(cause, `read ${file}`);
  });
  if (!found.isFile()) throw new EngineError('INVALID_INPUT', `${file} is not a file`);
  if (found.size > LIMIT_BYTES) throw new EngineError('LIMIT_EXCEEDED', `${file} has more than 4 MiB`);
  const bytes = await readFile(file).catch((cause: unknown) => {
    throw mapFsError(cause, `read ${file}`);
  });
  return { text: decode(bytes, file), file, modifiedAt: found.mtime.toISOString() };
}

function decode(bytes: Uint8Array, file: string): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch (cause) {
    throw new EngineError('INVALID_INPUT', `${file} is not UTF-8 text`, { cause });
  }
}

/**
 * Replaces a context's Dockerfile whole or not at all, keeping its mode and, if it is a symbolic link, the link.
 * CONFLICT when it changed on disk since `modifiedAt`. Answers the new time of change.
 */
export async function writeDockerfile(request: {
  readonly path: string;
  readonly dockerfile: string;
  readonly text: string;
  readonly modifiedAt?: string | undefined;
}): Promise<{ modifiedAt: string }> {
  const named = resolve(request.path, request.dockerfile);
  const file = await realpath(named).catch(() => named);
  const before = await stat(file).catch(() => undefined);
  if (
    request.modifiedAt !== undefined &&
    before !== undefined &&
    before.mtime.toISOString() !== request.modifiedAt
  ) {
    throw new EngineError('CONFLICT', `${named} was changed on disk by another program`, {
      hint: 'Reload it, or save again to overwrite those changes.',
    });
  }
  await replaceFile(file, request.text, before?.mode);
  return { modifiedAt: (await stat(file)).mtime.toISOString() };
}

async function replaceFile(file: string, text: string, mode: number | undefined): Promise<void> {
  const aside = join(dirname(file), `.varve-${randomUUID()}`);
  try {
    await using handle = await open(aside, 'wx', 0o666);
    await handle.writeFile(text);
    await handle.sync();
    if (mode !== undefined) await chmod(aside, mode & 0o777);
    await rename(aside, file);
  } catch (cause) {
    throw mapFsError(cause, `write ${file}`);
  } finally {
    await rm(aside, { force: true });
  }
}
