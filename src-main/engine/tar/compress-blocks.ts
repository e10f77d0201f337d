import { crc32 } from 'node:zlib';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { Compression } from '../oci/media-types.ts';
import { compressBlock } from './compress-block.ts';

/** Uncompressed bytes between two points where reading can start. */
export const BLOCK_SIZE_BYTES = 1024 * 1024;

/**
 * Blocks that are compressed at the same time unless told otherwise. libuv has four threads (UV_THREADPOOL_SIZE), and
 * two more blocks keep them busy while one is written; each takes about 2 MiB.
 */
const DEFAULT_PARALLEL = 6;

/** Where the compressed blocks start; has the form of the layer index's BlockMap. */
export interface CompressedBlocks {
  readonly blockBytes: number;
  readonly offsets: readonly number[];
}

export interface BlockCompressorOptions {
  readonly compression: Compression;
  /** Takes the compressed bytes in order; the next come only after it has resolved. Must not keep or change them. */
  readonly sink: (bytes: Uint8Array) => Promise<void>;
  readonly signal?: AbortSignal | undefined;
  /** Blocks in flight; has no influence on the bytes. */
  readonly parallel?: number | undefined;
}

/**
 * Compresses a stream in blocks on several threads: one gzip member that is fully flushed at each block, or zstd
 * frames, or nothing at all. The same input gives the same bytes whatever the number of threads. Memory is bounded:
 * `write` waits while enough blocks are in flight. After a rejection, or to give up, just drop it.
 */
export interface BlockCompressor {
  /** Takes the bytes in; they may be reused as soon as it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** Ends the stream when all of it has gone to the sink. */
  end(): Promise<{ readonly blocks: CompressedBlocks; readonly sizeBytes: number }>;
}

export function createBlockCompressor(options: BlockCompressorOptions): BlockCompressor {
  return new ParallelBlockCompressor(options);
}

const DONE = Promise.resolve();

class ParallelBlockCompressor implements BlockCompressor {
  readonly #options: BlockCompressorOptions;
  readonly #parallel: number;
  readonly #offsets: number[] = [];
  #block: Buffer = Buffer.allocUnsafeSlow(BLOCK_SIZE_BYTES);
  #filled = 0;
  #inFlight = 0;
  /** Resolves when everything submitted so far has reached the sink. */
  #written: Promise<void> = DONE;
  #wake: (() => void) | undefined;
  #failure: { readonly error: unknown } | undefined;
  #spare: Buffer[] = [];
  #sizeBytes = 0;
  #outBytes = 0;
  #crc = 0;
  #isStarted = false;

  constructor(options: BlockCompressorOptions) {
    this.#options = options;
    this.#parallel = Math.max(1, options.parallel ?? DEFAULT_PARALLEL);
  }

  write(bytes: Uint8Array): Promise<void> {
    if (this.#filled + bytes.length < BLOCK_SIZE_BYTES) {
      this.#fill(bytes);
      return DONE;
    }
    return this.#writeBlocks(bytes);
  }

  #fill(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async #writeBlocks(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + BLOCK_SIZE_BYTES - this.#filled);
      this.#fill(piece);
      at += piece.length;
      if (this.#filled === BLOCK_SIZE_BYTES) await this.#submit();
    }
  }

  /** Starts on the present block and takes a new one; waits while too many are in flight. */
  async #submit(): Promise<void> {
    this.#check();
    const buffer = this.#block;
    const block = buffer.subarray(0, this.#filled);
    if (this.#options.compression === 'gzip') this.#crc = crc32(block, this.#crc);
    this.#sizeBytes += block.length;
    this.#filled = 0;
    this.#inFlight += 1;
    const compressed = compressBlock(this.#options.compression, block);
    compressed.catch(ignore);
    this.#written = this.#written.then(() => this.#emit(compressed, buffer));
    this.#written.catch((error: unknown) => this.#fail(error));
    while (this.#inFlight >= this.#parallel && this.#failure === undefined) await this.#nextWritten();
    this.#check();
    this.#block = this.#spare.pop() ?? Buffer.allocUnsafeSlow(BLOCK_SIZE_BYTES);
  }

  async #emit(compressed: Promise<readonly Uint8Array[]>, buffer: Buffer): Promise<void> {
    await this.#start();
    const pieces = await compressed;
    this.#offsets.push(this.#outBytes);
    for (const piece of pieces) await this.#sink(piece);
    this.#inFlight -= 1;
    this.#spare.push(buffer);
    this.#wake?.();
  }

  #nextWritten(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
    });
  }

  #fail(error: unknown): void {
    this.#failure ??= { error };
    this.#wake?.();
  }

  #check(): void {
    if (this.#failure !== undefined) throw asError(this.#failure.error);
    if (this.#options.signal?.aborted === true) throw cancelled('compressing');
  }

  async #start(): Promise<void> {
    if (this.#isStarted) return;
    this.#isStarted = true;
    if (this.#options.compression === 'gzip') await this.#sink(GZIP_HEADER);
  }

  async #sink(bytes: Uint8Array): Promise<void> {
    if (this.#options.signal?.aborted === true) throw cancelled('compressing');
    await this.#options.sink(bytes);
    this.#outBytes += bytes.length;
  }

  async end(): Promise<{ readonly blocks: CompressedBlocks; readonly sizeBytes: number }> {
    if (this.#filled > 0) await this.#submit();
    await this.#written;
    this.#check();
    if (this.#sizeBytes === 0) await this.#writeEmpty();
    if (this.#options.compression === 'gzip') await this.#sink(gzipEnd(this.#crc, this.#sizeBytes));
    return {
      blocks: { blockBytes: BLOCK_SIZE_BYTES, offsets: this.#offsets },
      sizeBytes: this.#outBytes,
    };
  }

  /** An empty stream still has a beginning: gzip's header, or one empty zstd frame. */
  async #writeEmpty(): Promise<void> {
    await this.#start();
    if (this.#options.compression !== 'zstd') return;
    for (const piece of await compressBlock('zstd', new Uint8Array(0))) await this.#sink(piece);
  }
}

function ignore(): void {
  // The rejection is seen where the block is written; until then it only must not count as unhandled.
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new EngineError('INTERNAL', 'compressing failed', { cause: error });
}

/** RFC 1952 with no time, no name, no extra flags and an unknown operating system: the same everywhere. */
const GZIP_HEADER: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The last, empty deflate block and the member's trailer. */
function gzipEnd(crc: number, sizeBytes: number): Uint8Array {
  const end = Buffer.alloc(10);
  end.set([0x03, 0x00]);
  end.writeUInt32LE(crc, 2);
  end.writeUInt32LE(sizeBytes % 2 ** 32, 6);
  return end;
}
