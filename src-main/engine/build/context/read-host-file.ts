import { closeSync, constants, fstatSync, openSync, readSync } from 'node:fs';
import { cancelled, EngineError } from '../../../contract/errors.ts';
import type { OpenOptions, SourceContent } from '../source/source-tree.ts';
import type { WalkedNode } from './walk-folder.ts';

const CHUNK_BYTES = 1024 * 1024;

/** Reads a file of the host; injected so that a test can count what is read. */
export type ReadHostFile = (node: WalkedNode, options?: OpenOptions) => SourceContent;

/**
 * Reads the file that the walk saw, a small one at once: for thousands of them that is several times faster than a
 * turn of the event loop each. Never follows a link. CONFLICT when the file is another one by now or changes while
 * it is read; PERMISSION when it may not be read.
 */
export const readHostFile: ReadHostFile = (node, options = {}) =>
  node.sizeBytes <= CHUNK_BYTES
    ? readWhole(node, options.into ?? Buffer.allocUnsafe(node.sizeBytes))
    : readChunks(node, options);

/** Fills the bytes with the file's and answers them. */
function readWhole(node: WalkedNode, bytes: Uint8Array): Uint8Array {
  const descriptor = openFile(node);
  try {
    // Looked at once, after reading: what has the walk's status then has had it all along.
    for (let at = 0; at < bytes.length;) at += readSome(node, descriptor, bytes.subarray(at));
    checkUnchanged(node, descriptor);
    return bytes;
  } finally {
    closeSync(descriptor);
  }
}

async function* readChunks(node: WalkedNode, options: OpenOptions): AsyncGenerator<Uint8Array> {
  const descriptor = openFile(node);
  try {
    checkUnchanged(node, descriptor);
    for (let left = node.sizeBytes; left > 0;) {
      if (options.signal?.aborted) throw cancelled('reading the build context');
      const length = Math.min(left, CHUNK_BYTES);
      const chunk = options.into?.subarray(0, length) ?? Buffer.allocUnsafe(length);
      const read = readSome(node, descriptor, chunk);
      left -= read;
      yield chunk.subarray(0, read);
    }
    checkUnchanged(node, descriptor);
  } finally {
    closeSync(descriptor);
  }
}

function readSome(node: WalkedNode, descriptor: number, into: Uint8Array): number {
  const read = tryRead(node, descriptor, into);
  if (read === 0) throw changed(node);
  return read;
}

/** What cannot be read may have become something else: a folder, a pipe. */
function tryRead(node: WalkedNode, descriptor: number, into: Uint8Array): number {
  try {
    return readSync(descriptor, into);
  } catch (error) {
    checkUnchanged(node, descriptor);
    throw error;
  }
}

const OPEN_FLAGS = constants.O_RDONLY | constants.O_NOFOLLOW | constants.O_NONBLOCK;

function openFile(node: WalkedNode): number {
  try {
    return openQuietly(node.hostPath);
  } catch (cause) {
    throw openFailure(node, cause);
  }
}

/** Linux has it alone. */
const NO_ACCESS_TIME = 'O_NOATIME' in constants ? constants.O_NOATIME : 0;

/** That a build has read a file is nothing to be written to the disk; only its owner may say so. */
function openQuietly(path: string): number {
  try {
    return openSync(path, OPEN_FLAGS | NO_ACCESS_TIME);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== 'EPERM') throw error;
    return openSync(path, OPEN_FLAGS);
  }
}

function openFailure(node: WalkedNode, cause: unknown): EngineError {
  const { code } = cause as NodeJS.ErrnoException;
  if (code === 'ENOENT' || code === 'ELOOP') return changed(node, cause);
  if (code !== 'EACCES' && code !== 'EPERM') {
    return new EngineError('IO', `cannot read ${node.hostPath}: ${code ?? String(cause)}`, { cause });
  }
  return new EngineError('PERMISSION', `cannot read ${node.hostPath}`, {
    cause,
    hint: 'Allow reading it, or leave it out with .dockerignore.',
  });
}

function checkUnchanged(node: WalkedNode, descriptor: number): void {
  const isSame = node.walk.entries.isAsWalked(node.index, fstatSync(descriptor, { bigint: true }));
  if (!isSame) throw changed(node);
}

function changed(node: WalkedNode, cause?: unknown): EngineError {
  return new EngineError('CONFLICT', `${node.hostPath} changed while the build read it`, {
    cause,
    hint: 'Build again when nothing writes to it, or leave it out with .dockerignore.',
  });
}
