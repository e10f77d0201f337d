import { cancelled, EngineError } from '../../contract/errors.ts';
import type { Store } from '../store/store.ts';
import { decompressBlock } from '../tar/compress-block.ts';
import { decompress } from '../tar/decompress.ts';
import type { StoredLayer } from './layer-writer.ts';
import { createLruCache, type LruCache } from './lru-cache.ts';
import type { BlockMap } from './toc.ts';

/** Random access to a layer's uncompressed bytes. */
export interface LayerReader {
  /** The bytes from `start` to `end`, in order; CORRUPT when the layer ends before. */
  read(start: number, end: number, signal: AbortSignal | undefined): AsyncIterable<Uint8Array>;
}

/** Uncompressed blocks of all of a store's layers that are kept in memory, in bytes. */
const CACHE_BYTES = 64 * 1024 * 1024;
const FOREIGN_BLOCK_BYTES = 1024 * 1024;
const CURSOR_IDLE_MS = 2000;

interface StoreReaders {
  readonly blocks: LruCache<Uint8Array>;
  readonly cursors: Map<string, ForeignCursor>;
}

const readersOf = new WeakMap<Store, StoreReaders>();

/**
 * Reads a layer by its blocks. For a layer that others compressed, which can only be inflated from its start, it goes
 * on from where the last read ended, and keeps what it passes over for a while.
 */
export function layerReaderOf(store: Store, layer: StoredLayer): LayerReader {
  const readers = readersOf.get(store) ?? { blocks: createLruCache(CACHE_BYTES), cursors: new Map() };
  readersOf.set(store, readers);
  const map = layer.toc.blocks;
  const source: BlockSource =
    map === undefined
      ? {
          indexAt: (at) => Math.floor(at / FOREIGN_BLOCK_BYTES),
          startOf: (index) => index * FOREIGN_BLOCK_BYTES,
          load: (index) => foreignBlock(store, layer, readers, index),
        }
      : {
          indexAt: (at) => findBlock(map.starts, at),
          startOf: (index) => map.starts[index] ?? 0,
          load: (index) => ownBlock(store, layer, map, index),
        };
  return { read: (start, end, signal) => readBlocks({ layer, readers, ...source }, start, end, signal) };
}

interface BlockSource {
  /** The block that holds a byte of the uncompressed layer. */
  readonly indexAt: (at: number) => number;
  readonly startOf: (index: number) => number;
  readonly load: (index: number) => Promise<Uint8Array>;
}

/** The last block that starts at or before `at`. */
function findBlock(starts: readonly number[], at: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (starts[middle]! <= at) low = middle;
    else high = middle;
  }
  return low;
}

async function* readBlocks(
  source: BlockSource & { readonly layer: StoredLayer; readonly readers: StoreReaders },
  start: number,
  end: number,
  signal: AbortSignal | undefined,
): AsyncGenerator<Uint8Array, void, undefined> {
  const { layer, readers } = source;
  for (let at = start; at < end;) {
    if (signal?.aborted === true) throw cancelled('reading a layer');
    const index = source.indexAt(at);
    const key = blockKey(layer, index);
    const block = readers.blocks.get(key) ?? (await source.load(index));
    readers.blocks.put(key, block, block.length + 1);
    const from = at - source.startOf(index);
    const piece = block.subarray(from, Math.min(block.length, from + end - at));
    if (piece.length === 0) throw endsEarly(layer);
    at += piece.length;
    yield piece;
  }
}

function blockKey(layer: StoredLayer, index: number): string {
  return `${layer.descriptor.digest}:${index}`;
}

async function ownBlock(
  store: Store,
  { descriptor, toc }: StoredLayer,
  map: BlockMap,
  index: number,
): Promise<Uint8Array> {
  const [start, from] = [map.starts[index], map.offsets[index]];
  if (start === undefined || from === undefined) return new Uint8Array(0);
  const to = map.offsets[index + 1] ?? descriptor.size;
  const sizeBytes = (map.starts[index + 1] ?? toc.unpackedBytes) - start;
  const bytes = await store.blobs.readAt(descriptor.digest, from, to - from);
  return decompressBlock(map.compression, bytes, sizeBytes);
}

/** One reader at a time may move a cursor; the others wait their turn. */
async function foreignBlock(
  store: Store,
  layer: StoredLayer,
  readers: StoreReaders,
  index: number,
): Promise<Uint8Array> {
  const { digest } = layer.descriptor;
  const cursor = readers.cursors.get(digest) ?? new ForeignCursor(store, layer, readers);
  readers.cursors.set(digest, cursor);
  return cursor.block(index);
}

/** Inflates a layer from its start, block by block, and starts again only to go back. */
class ForeignCursor {
  readonly #store: Store;
  readonly #layer: StoredLayer;
  readonly #readers: StoreReaders;
  #source: AsyncGenerator<Uint8Array, void, undefined> | undefined;
  #next = 0;
  #turn: Promise<unknown> = Promise.resolve();
  #idle: NodeJS.Timeout | undefined;

  constructor(store: Store, layer: StoredLayer, readers: StoreReaders) {
    this.#store = store;
    this.#layer = layer;
    this.#readers = readers;
  }

  block(index: number): Promise<Uint8Array> {
    const result = this.#turn.then(() => this.#seek(index));
    this.#turn = result.catch(() => this.#close());
    return result;
  }

  async #seek(index: number): Promise<Uint8Array> {
    clearTimeout(this.#idle);
    const cached = this.#readers.blocks.get(blockKey(this.#layer, index));
    if (cached !== undefined) return this.#rest(cached);
    if (this.#source === undefined || index < this.#next) await this.#restart();
    for (;;) {
      const block = await this.#readBlock();
      const at = this.#next;
      this.#next += 1;
      this.#readers.blocks.put(blockKey(this.#layer, at), block, block.length + 1);
      if (at === index) return this.#rest(block);
      if (block.length < FOREIGN_BLOCK_BYTES) throw endsEarly(this.#layer);
    }
  }

  #rest(block: Uint8Array): Uint8Array {
    this.#idle = setTimeout(() => void this.#close(), CURSOR_IDLE_MS).unref();
    return block;
  }

  async #restart(): Promise<void> {
    await this.#source?.return();
    const blob = this.#store.blobs.open(this.#layer.descriptor.digest, { verify: false });
    this.#source = inBlocks(decompress(blob));
    this.#next = 0;
  }

  async #readBlock(): Promise<Uint8Array> {
    const { done, value } = (await this.#source?.next()) ?? { done: true, value: undefined };
    return done === true || value === undefined ? new Uint8Array(0) : value;
  }

  /** Lets go of the blob; the next read begins anew. */
  async #close(): Promise<void> {
    clearTimeout(this.#idle);
    this.#readers.cursors.delete(this.#layer.descriptor.digest);
    const source = this.#source;
    this.#source = undefined;
    await source?.return();
  }
}

/** The same bytes in blocks of equal length, the last one shorter. */
async function* inBlocks(source: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
  let block = Buffer.allocUnsafe(FOREIGN_BLOCK_BYTES);
  let filled = 0;
  for await (const bytes of source) {
    for (let at = 0; at < bytes.length;) {
      const piece = bytes.subarray(at, at + FOREIGN_BLOCK_BYTES - filled);
      block.set(piece, filled);
      filled += piece.length;
      at += piece.length;
      if (filled < FOREIGN_BLOCK_BYTES) continue;
      yield block;
      block = Buffer.allocUnsafe(FOREIGN_BLOCK_BYTES);
      filled = 0;
    }
  }
  yield block.subarray(0, filled);
}

function endsEarly({ descriptor }: StoredLayer): EngineError {
  return new EngineError('CORRUPT', `layer ${descriptor.digest} ends before its table of contents says so`);
}
