import { constants, createGunzip, createZstdDecompress, zstdDecompressSync } from 'node:zlib';
import type { Transform } from 'node:stream';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { Compression } from '../oci/media-types.ts';
import { ByteCursor } from './byte-cursor.ts';
import { readZstdFrames, type ZstdFrame } from './read-zstd-frames.ts';

export interface DecompressOptions {
  readonly signal?: AbortSignal | undefined;
  /** The most bytes that may come out (S9); LIMIT_EXCEEDED beyond. Measured, not believed. */
  readonly limitBytes?: number | undefined;
}

const OUTPUT_CHUNK_BYTES = 256 * 1024;

/** What the first bytes of a stream say about its compression; at least four must be given if there are four. */
export function detectCompression(head: Uint8Array): Compression {
  if (head[0] === 0x1f && head[1] === 0x8b) return 'gzip';
  const isZstd = head[1] === 0xb5 && head[2] === 0x2f && head[3] === 0xfd && head[0] === 0x28;
  const isSkippable =
    head[1] === 0x2a && head[2] === 0x4d && head[3] === 0x18 && ((head[0] ?? 0) & 0xf0) === 0x50;
  return isZstd || isSkippable ? 'zstd' : 'none';
}

/**
 * The plain bytes of a stream that is gzip (of any number of members), zstd (of any number of frames) or neither,
 * recognised by its first bytes. Rejects with CORRUPT when it is damaged or cut off, and passes on the source's errors.
 */
export async function* decompress(
  source: AsyncIterable<Uint8Array>,
  options: DecompressOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const cursor = new ByteCursor(source);
  try {
    const head = await cursor.fetchBytes(4);
    const compression = detectCompression(head);
    const plain =
      compression === 'none'
        ? restOf(cursor, head)
        : compression === 'gzip'
          ? transform(restOf(cursor, head), createGunzip({ chunkSize: OUTPUT_CHUNK_BYTES }))
          : decompressFrames(restOf(cursor, head), options.limitBytes);
    yield* limit(plain, options);
  } finally {
    await cursor.close();
  }
}

async function* restOf(cursor: ByteCursor, head: Uint8Array): AsyncGenerator<Uint8Array, void, undefined> {
  if (head.length > 0) yield head;
  while (await cursor.fetch()) {
    const bytes = cursor.takeSome(Number.MAX_SAFE_INTEGER);
    if (bytes !== undefined) yield bytes;
  }
}

async function* limit(
  source: AsyncIterable<Uint8Array>,
  { signal, limitBytes = Number.POSITIVE_INFINITY }: DecompressOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  let total = 0;
  for await (const bytes of source) {
    if (signal?.aborted === true) throw cancelled('decompressing');
    total += bytes.length;
    if (total > limitBytes) throw tooLarge(limitBytes);
    yield bytes;
  }
}

function tooLarge(limitBytes: number): EngineError {
  return new EngineError('LIMIT_EXCEEDED', `compressed data unpacks to more than ${limitBytes} bytes`);
}

/** Runs a stream through one of zlib's; what it holds back is bounded by its own buffers. */
export async function* transform(
  source: AsyncIterable<Uint8Array>,
  stream: Transform,
): AsyncGenerator<Uint8Array, void, undefined> {
  const feeding = feed(source, stream);
  feeding.catch((error: unknown) => stream.destroy(error as Error));
  try {
    for await (const bytes of stream as AsyncIterable<Uint8Array>) yield bytes;
    await feeding;
  } catch (error) {
    throw isZlibError(error) ? damaged(error) : error;
  } finally {
    stream.destroy();
  }
}

async function feed(source: AsyncIterable<Uint8Array>, stream: Transform): Promise<void> {
  for await (const bytes of source) {
    if (stream.destroyed) return;
    if (!stream.write(bytes)) await drained(stream);
  }
  stream.end();
}

function drained(stream: Transform): Promise<void> {
  return new Promise((resolve) => {
    const done = (): void => {
      stream.off('drain', done).off('close', done);
      resolve();
    };
    stream.on('drain', done).on('close', done);
  });
}

function isZlibError(error: unknown): error is Error & { code: string } {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code !== undefined && /^(?:Z_|ZSTD_|ERR_ZLIB|ERR_BUFFER_TOO_LARGE)/.test(code);
}

function damaged(cause: Error & { code: string }): EngineError {
  const why = cause.code === 'Z_BUF_ERROR' ? 'is cut off' : 'is damaged';
  return new EngineError('CORRUPT', `compressed data ${why}`, { cause });
}

/** Node's zstd stops after one frame, so each goes alone; small ones without a stream of their own. */
async function* decompressFrames(
  source: AsyncIterable<Uint8Array>,
  limitBytes: number | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const frame of readZstdFrames(source)) {
    if (frame.whole === undefined) yield* transform(frame.bytes, openZstd());
    else yield decompressSmall(frame.whole, limitBytes);
  }
}

function openZstd(): Transform {
  return createZstdDecompress({
    chunkSize: OUTPUT_CHUNK_BYTES,
    params: { [constants.ZSTD_d_windowLogMax]: 27 },
  });
}

function decompressSmall(frame: NonNullable<ZstdFrame['whole']>, limitBytes = Infinity): Uint8Array {
  if (frame.contentBytes > limitBytes) throw tooLarge(limitBytes);
  try {
    return zstdDecompressSync(frame.bytes, { maxOutputLength: Math.max(1, frame.contentBytes) });
  } catch (cause) {
    throw new EngineError('CORRUPT', 'compressed data is damaged', { cause });
  }
}
