import { hash } from 'node:crypto';
import { availableParallelism } from 'node:os';
import { crc32 } from 'node:zlib';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { Compression } from '../oci/media-types.ts';
import { compressBlock } from './compress-block.ts';
import { findBlockEnd, MAX_BLOCK_BYTES } from './find-block-end.ts';

/**
 * Blocks that are in flight at the same time unless told otherwise: so many that every core has one to compress while
 * others, done already, wait for the one before them and for the event loop, which is busy with reading.
 */
const DEFAULT_PARALLEL = Math.min(8, 3 * availableParallelism());

/** Where the blocks start; has the form of the layer index's BlockMap. */
export interface CompressedBlocks {
  /** In the uncompressed stream. */
  readonly starts: readonly number[];
  /** In the compressed one. */
  readonly offsets: readonly number[];
}

/** Blocks that an earlier stream had, by the sha256 of what they hold. The bytes are those that compressing gives. */
export interface BlockReuse {
  /** The compressed bytes, known to be whole; undefined when there are none. */
  find(content: string): Promise<Uint8Array | undefined>;
  /** Told of every block in order: what it holds, and its compressed bytes with their offset. */
  note(content: string, pieces: readonly Uint8Array[], offset: number): void;
}

export interface BlockCompressorOptions {
  readonly compression: Compression;
  /** Takes the compressed bytes in order; the next come only after it has resolved. Must not keep or change them. */
  readonly sink: (bytes: Uint8Array) => Promise<void>;
  /** Sees the uncompressed bytes in order; must not keep them. */
  readonly onBlock?: ((bytes: Uint8Array) => void) | undefined;
  /** Has no influence on the bytes. */
  readonly reuse?: BlockReuse | undefined;
  readonly signal?: AbortSignal | undefined;
  /** Blocks in flight; has no influence on the bytes. */
  readonly parallel?: number | undefined;
}

/**
 * Compresses a stream in blocks on several threads: one gzip member that is fully flushed at each block, or zstd
 * frames, or nothing at all. The same input gives the same bytes whatever the number of threads, and blocks end where
 * `findBlockEnd` says, so that most blocks of a stream come again in one that differs in places. Memory is bounded:
 * `write` waits while enough blocks are in flight. After a rejection, or to give up, just drop it.
 */
export interface BlockCompressor {
  /** Takes the bytes in; they may be reused as soon as it resolves. */
  write(bytes: Uint8Array): Promise<void>;
  /** A place of `length` bytes with so many before and behind it, inside the present block; undefined when they do not fit. */
  placeFor(before: number, length: number, behind: number): Uint8Array | undefined;
  /** Takes in the place that `placeFor` gave for these lengths, filled by now, with what is before and behind it. */
  writeAround(before: Uint8Array, place: Uint8Array, behind: Uint8Array): Promise<void>;
  /** Ends the stream when all of it has gone to the sink. */
  end(): Promise<{ readonly blocks: CompressedBlocks; readonly sizeBytes: number }>;
}

export function createBlockCompressor(options: BlockCompressorOptions): BlockCompressor {
  return new ParallelBlockCompressor(options);
}

/** What `write` answers when nothing has to be waited for: the same promise each time, so that it can be known. */
export const WRITTEN: Promise<void> = Promise.resolve();

interface PackedBlock {
  /** The sha256 of what the block holds, when it is asked for. */
  readonly content: string | undefined;
  readonly pieces: readonly Uint8Array[];
}

class ParallelBlockCompressor implements BlockCompressor {
  readonly #options: BlockCompressorOptions;
  readonly #parallel: number;
  readonly #starts: number[] = [];
  readonly #offsets: number[] = [];
  #block: Buffer = Buffer.allocUnsafeSlow(MAX_BLOCK_BYTES);
  #filled = 0;
  #inFlight = 0;
  /** Resolves when everything submitted so far has reached the sink. */
  #written: Promise<void> = WRITTEN;
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
    if (this.#filled + bytes.length < MAX_BLOCK_BYTES) {
      this.#fill(bytes);
      return WRITTEN;
    }
    return this.#writeBlocks(bytes);
  }

  placeFor(before: number, length: number, behind: number): Uint8Array | undefined {
    const start = this.#filled + before;
    if (start + length + behind >= MAX_BLOCK_BYTES) return undefined;
    return this.#block.subarray(start, start + length);
  }

  writeAround(before: Uint8Array, place: Uint8Array, behind: Uint8Array): Promise<void> {
    this.#fill(before);
    this.#filled += place.length;
    this.#fill(behind);
    return WRITTEN;
  }

  #fill(bytes: Uint8Array): void {
    this.#block.set(bytes, this.#filled);
    this.#filled += bytes.length;
  }

  async #writeBlocks(bytes: Uint8Array): Promise<void> {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + MAX_BLOCK_BYTES - this.#filled);
      this.#fill(piece);
      at += piece.length;
      if (this.#filled === MAX_BLOCK_BYTES) await this.#submit();
    }
  }

  /** Starts on the first block of what is there and keeps the rest; waits while too many are in flight. */
  async #submit(): Promise<void> {
    this.#check();
    const buffer = this.#block;
    const end = findBlockEnd(buffer.subarray(0, this.#filled));
    const rest = buffer.subarray(end, this.#filled);
    const block = buffer.subarray(0, end);
    this.#block = this.#spare.pop() ?? Buffer.allocUnsafeSlow(MAX_BLOCK_BYTES);
    this.#filled = 0;
    this.#fill(rest);
    this.#take(block, buffer);
    while (this.#inFlight >= this.#parallel && this.#failure === undefined) await this.#nextWritten();
    this.#check();
  }

  #take(block: Buffer, buffer: Buffer): void {
    this.#options.onBlock?.(block);
    if (this.#options.compression === 'gzip') this.#crc = crc32(block, this.#crc);
    this.#starts.push(this.#sizeBytes);
    this.#sizeBytes += block.length;
    this.#inFlight += 1;
    const packed = this.#pack(block);
    packed.catch(ignore);
    this.#written = this.#written.then(() => this.#emit(packed, buffer));
    this.#written.catch((error: unknown) => this.#fail(error));
  }

  async #pack(block: Buffer): Promise<PackedBlock> {
    const { compression, reuse } = this.#options;
    if (reuse === undefined) return { content: undefined, pieces: await compressBlock(compression, block) };
    // To give the block to another thread would take as long as it takes to hash it.
    const content = hash('sha256', block);
    const known = await reuse.find(content);
    return { content, pieces: known === undefined ? await compressBlock(compression, block) : [known] };
  }

  async #emit(packed: Promise<PackedBlock>, buffer: Buffer): Promise<void> {
    await this.#start();
    const { content, pieces } = await packed;
    this.#offsets.push(this.#outBytes);
    if (content !== undefined) this.#options.reuse?.note(content, pieces, this.#outBytes);
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
    while (this.#filled > 0) await this.#submit();
    await this.#written;
    this.#check();
    if (this.#sizeBytes === 0) await this.#writeEmpty();
    if (this.#options.compression === 'gzip') await this.#sink(gzipEnd(this.#crc, this.#sizeBytes));
    return {
      blocks: { starts: this.#starts, offsets: this.#offsets },
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
export const GZIP_HEADER: Uint8Array = Uint8Array.of(0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 0xff);

/** The last, empty deflate block and the member's trailer. */
function gzipEnd(crc: number, sizeBytes: number): Uint8Array {
  const end = Buffer.alloc(10);
  end.set([0x03, 0x00]);
  end.writeUInt32LE(crc, 2);
  end.writeUInt32LE(sizeBytes % 2 ** 32, 6);
  return end;
}
