import { createInflateRaw } from 'node:zlib';
import { STORED_BLOCK_BYTES } from '../../tar/compress-block.ts';
import { transform } from '../../tar/decompress.ts';
import { MAX_BLOCK_BYTES } from '../../tar/find-block-end.ts';
import { BLOCK_BYTES } from '../../tar/tar-format.ts';
import type { CountedBlob } from './counted-blob.ts';
import { zeros, type SkippingSource } from './skipping-source.ts';

/** Fewer blocks come sooner than another request is answered. */
const FEWEST_BLOCKS = 3;
/** Compressed bytes that are kept behind: the inflater is ahead of who reads by less. */
const KEPT_BYTES = 4 * MAX_BLOCK_BYTES;

const STORED_PREFIX_BYTES = 5;
/** A full block that is stored: a prefix before each run. */
const STORED_BYTES = MAX_BLOCK_BYTES + STORED_PREFIX_BYTES * Math.ceil(MAX_BLOCK_BYTES / STORED_BLOCK_BYTES);
const LAST_RUN_BYTES = MAX_BLOCK_BYTES % STORED_BLOCK_BYTES;

/**
 * A layer as Varve writes it: one gzip member, flushed fully before each file that fits no block. A large content
 * that does not compress is stored there in runs of known length, so the place where it ends can be reckoned. That
 * the reckoning was right is seen there, by the last run's prefix: a content of which a part did compress is read.
 */
export class BlockSource implements SkippingSource {
  readonly #blob: CountedBlob;
  #compressed: KeptBytes;
  #plain: AsyncIterator<Uint8Array>;
  #position = 0;
  #resumeAt = 0;
  /** The last pieces that were given out: the header before a content is in them. */
  #given: readonly Uint8Array[] = [];
  #givesParts = true;

  /** `bytes` begin after gzip's header, which is `headerBytes` long. */
  constructor(blob: CountedBlob, bytes: AsyncIterator<Uint8Array>, headerBytes: number) {
    this.#blob = blob;
    this.#compressed = new KeptBytes(bytes, headerBytes);
    this.#plain = transform(this.#compressed, createInflateRaw());
  }

  async skip(start: number, end: number): Promise<boolean> {
    const blocks = Math.floor((BLOCK_BYTES + end - start) / MAX_BLOCK_BYTES);
    if (!this.#givesParts || blocks < FEWEST_BLOCKS) return false;
    const header = this.#before(start);
    const at = header === undefined ? undefined : this.#compressed.positionOf(storedStart(header));
    if (at === undefined) return false;
    return this.#resume(at + blocks * STORED_BYTES, start - BLOCK_BYTES + blocks * MAX_BLOCK_BYTES);
  }

  /** Goes on at a block that begins at `offset` of the blob and at `position` of the layer, if it does. */
  async #resume(offset: number, position: number): Promise<boolean> {
    if (position <= this.#position) return false;
    const prefixAt = offset - LAST_RUN_BYTES - STORED_PREFIX_BYTES;
    const part = await this.#blob.openFrom(prefixAt);
    if (part === undefined) {
      this.#givesParts = false;
      return false;
    }
    const compressed = new KeptBytes(part, prefixAt);
    if (!(await startsWithRun(compressed, LAST_RUN_BYTES))) {
      await compressed.close();
      return false;
    }
    await this.#plain.return?.();
    await this.#compressed.close();
    this.#compressed = compressed;
    this.#plain = transform(compressed, createInflateRaw());
    this.#resumeAt = position;
    return true;
  }

  /** The tar header that ends at a position of the layer, if it is among what was given out last. */
  #before(position: number): Uint8Array | undefined {
    const bytes = Buffer.concat(this.#given);
    const end = position - (this.#position - bytes.length);
    return end < BLOCK_BYTES || end > bytes.length ? undefined : bytes.subarray(end - BLOCK_BYTES, end);
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        yield* zeros(this.#resumeAt - this.#position);
        if (this.#resumeAt > this.#position) this.#given = [];
        this.#position = Math.max(this.#position, this.#resumeAt);
        const next = await this.#plain.next();
        if (next.done === true) return;
        this.#position += next.value.length;
        this.#given = [...this.#given.slice(-1), next.value];
        yield next.value;
      }
    } finally {
      await this.#plain.return?.();
      await this.#compressed.close();
    }
  }
}

/** How a stored block begins whose first bytes these are. */
function storedStart(bytes: Uint8Array): Uint8Array {
  return Buffer.concat([storedPrefix(STORED_BLOCK_BYTES), bytes]);
}

function storedPrefix(length: number): Buffer {
  const prefix = Buffer.alloc(STORED_PREFIX_BYTES);
  prefix.writeUInt16LE(length, 1);
  prefix.writeUInt16LE(length ^ 0xffff, 3);
  return prefix;
}

/** Whether a stored run of that length comes next; then it has been read. */
async function startsWithRun(source: KeptBytes, length: number): Promise<boolean> {
  const bytes = await source.take(STORED_PREFIX_BYTES + length);
  return storedPrefix(length).equals(bytes.subarray(0, STORED_PREFIX_BYTES));
}

/** Bytes of a blob as they come, of which the last few MiB can be looked at again. */
class KeptBytes implements AsyncIterable<Uint8Array> {
  readonly #bytes: AsyncIterator<Uint8Array>;
  #kept: Uint8Array[] = [];
  #keptBytes = 0;
  #position: number;
  #rest: Uint8Array | undefined;

  constructor(bytes: AsyncIterator<Uint8Array>, position: number) {
    this.#bytes = bytes;
    this.#position = position;
  }

  /** Where these bytes are in the blob, as far as they are kept. */
  positionOf(wanted: Uint8Array): number | undefined {
    const at = Buffer.concat(this.#kept).lastIndexOf(wanted);
    return at < 0 ? undefined : this.#position - this.#keptBytes + at;
  }

  /** The next bytes; fewer only at the end. */
  async take(count: number): Promise<Buffer> {
    const pieces: Uint8Array[] = [];
    let missing = count;
    while (missing > 0) {
      const next = await this.#next();
      if (next.done) break;
      const { value } = next;
      pieces.push(value.subarray(0, missing));
      this.#rest = value.length > missing ? value.subarray(missing) : undefined;
      missing -= Math.min(missing, value.length);
    }
    const taken = Buffer.concat(pieces);
    this.#position += taken.length;
    return taken;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    for (let next = await this.#next(); !next.done; next = await this.#next()) {
      this.#keep(next.value);
      yield next.value;
    }
  }

  async close(): Promise<void> {
    await this.#bytes.return?.();
  }

  async #next(): Promise<{ done: true } | { done: false; value: Uint8Array }> {
    const rest = this.#rest;
    this.#rest = undefined;
    if (rest !== undefined) return { done: false, value: rest };
    const next = await this.#bytes.next();
    return next.done === true ? { done: true } : { done: false, value: next.value };
  }

  #keep(bytes: Uint8Array): void {
    this.#position += bytes.length;
    this.#kept.push(bytes);
    this.#keptBytes += bytes.length;
    while (this.#keptBytes - (this.#kept[0]?.length ?? 0) > KEPT_BYTES) {
      this.#keptBytes -= this.#kept.shift()?.length ?? 0;
    }
  }
}
