import { spawn } from 'node:child_process';
import { createWriteStream } from 'node:fs';
import { open } from 'node:fs/promises';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { EngineError, isEngineError } from '../../../contract/errors.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { ByteCursor } from '../../tar/byte-cursor.ts';
import { decompress } from '../../tar/decompress.ts';
import { parseTarHeader } from '../../tar/parse-tar-header.ts';
import { readTar } from '../../tar/read-tar.ts';
import type { TarEntry } from '../../tar/tar-entry.ts';
import { BLOCK_BYTES } from '../../tar/tar-format.ts';
import type { SourceContent } from './source-tree.ts';

/** An archive's entry and where its content starts in the plain archive. */
export interface ArchiveEntry {
  readonly entry: TarEntry;
  readonly contentOffset: number;
}

type Packing = 'bzip2' | 'xz' | 'known';

/** Decompressors that are no part of Node come from the host. */
function detectPacking(head: Uint8Array): Packing {
  const text = Buffer.from(head.subarray(0, 6)).toString('latin1');
  if (/^BZh[1-9]/.test(text)) return 'bzip2';
  return text === '\u00fd7zXZ\u0000' ? 'xz' : 'known';
}

/**
 * True when the content begins with a tar's entry, plain or compressed; the name plays no part. What follows may still
 * turn out to be damaged.
 */
export async function isTarArchive(content: SourceContent, options: LongOptions): Promise<boolean> {
  const cursor = new ByteCursor(unpackStream(content, options));
  try {
    const head = await cursor.fetchBytes(BLOCK_BYTES);
    if (head.length < BLOCK_BYTES || head.every((byte) => byte === 0)) return false;
    parseTarHeader(head, 'the first entry');
    return true;
  } catch (error) {
    if (isEngineError(error) && error.code !== 'CANCELLED' && error.code !== 'UNSUPPORTED') return false;
    throw error;
  } finally {
    await cursor.close();
  }
}

/** Writes the plain archive to a file, for random access, and lists it. */
export async function spoolArchive(
  content: SourceContent,
  path: string,
  options: LongOptions,
): Promise<readonly ArchiveEntry[]> {
  await pipeline(Readable.from(unpackStream(content, options)), createWriteStream(path, { mode: 0o600 }));
  const entries: ArchiveEntry[] = [];
  for await (const { entry, contentOffset } of readTar(readSlice(path, 0, Infinity), options)) {
    entries.push({ entry, contentOffset });
  }
  return entries;
}

const CHUNK_BYTES = 1024 * 1024;

/** A part of a file. */
export async function* readSlice(path: string, offset: number, length: number): AsyncGenerator<Uint8Array> {
  const file = await open(path);
  try {
    for (let at = 0; at < length;) {
      const { bytesRead, buffer } = await file.read(
        Buffer.allocUnsafe(Math.min(CHUNK_BYTES, length - at)),
        0,
        undefined,
        offset + at,
      );
      if (bytesRead === 0) return;
      at += bytesRead;
      yield buffer.subarray(0, bytesRead);
    }
  } finally {
    await file.close();
  }
}

async function* toStream(content: SourceContent): AsyncGenerator<Uint8Array> {
  if (content instanceof Uint8Array) yield content;
  else yield* content;
}

/** The plain bytes of a stream that is compressed in any of the ways that ADD knows. */
export async function* unpackStream(
  content: SourceContent,
  options: LongOptions,
): AsyncGenerator<Uint8Array> {
  const source = toStream(content);
  const first = await source.next();
  if (first.done === true) return;
  const whole = prepend(first.value, source);
  const packing = detectPacking(first.value);
  yield* packing === 'known' ? decompress(whole, options) : throughTool(packing, whole, options);
}

async function* prepend(first: Uint8Array, rest: AsyncGenerator<Uint8Array>): AsyncGenerator<Uint8Array> {
  yield first;
  yield* rest;
}

async function* throughTool(
  tool: 'bzip2' | 'xz',
  source: AsyncIterable<Uint8Array>,
  options: LongOptions,
): AsyncGenerator<Uint8Array> {
  const child = spawn(tool, ['-dc'], { stdio: ['pipe', 'pipe', 'ignore'], signal: options.signal });
  const failed = new Promise<Error | undefined>((resolve) => {
    child.once('error', resolve);
    child.once('close', (code) => resolve(code === 0 ? undefined : damaged(tool)));
  });
  // What the tool does not take any more is no failure of ours: its exit code tells.
  const feeding = pipeline(Readable.from(source), child.stdin).catch(() => undefined);
  try {
    for await (const chunk of child.stdout as AsyncIterable<Uint8Array>) yield chunk;
    const error = await failed;
    if (error !== undefined) throw toolFailure(tool, error);
  } finally {
    child.kill();
    await feeding;
  }
}

function damaged(tool: string): EngineError {
  return new EngineError('CORRUPT', `the archive is not what ${tool} can unpack`, {
    hint: 'Make it again, or take it as it is with COPY.',
  });
}

function toolFailure(tool: string, error: Error): Error {
  if ((error as NodeJS.ErrnoException).code !== 'ENOENT') return error;
  return new EngineError('UNSUPPORTED', `unpacking this archive needs ${tool}, which is not installed`, {
    hint: `Install it: apt-get install ${tool === 'xz' ? 'xz-utils' : tool}`,
  });
}
