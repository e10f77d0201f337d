import { promisify } from 'node:util';
import {
  constants,
  createDeflateRaw,
  deflateRaw,
  inflateRaw,
  zstdCompress,
  zstdDecompress,
  type DeflateRaw,
} from 'node:zlib';
import { EngineError } from '../../contract/errors.ts';
import type { Compression } from '../oci/media-types.ts';

const deflateRawAsync = promisify(deflateRaw);
const inflateRawAsync = promisify(inflateRaw);
const zstdCompressAsync = promisify(zstdCompress);
const zstdDecompressAsync = promisify(zstdDecompress);

/**
 * Measured on shared libraries, Python with headers, node_modules and made-up words: level 4 deflates 70 to 105 MB/s on a core and
 * gives layers that are 0.3 %, 0.8 %, 1 % and 4 % longer than those of BuildKit 28.5 for the same files. Level 3 is a
 * fifth faster and 2 to 9 % longer than they are, level 6 half as fast and at best 2 % shorter. zstd's level 3 is
 * faster and smaller than any of them.
 */
const DEFLATE_LEVEL = 4;
const ZSTD_LEVEL = 3;

/**
 * What zlib hands back at a time. Between two of them the thread that deflates waits for the event loop, which is busy
 * with reading: most blocks are to need one alone.
 */
const OUTPUT_CHUNK_BYTES = 2 * 1024 * 1024;

/**
 * What the bytes of a compressed block depend on besides its content. Blocks of another form are never put beside new
 * ones: then the bytes of a layer would depend on what was built before it.
 */
export function compressionForm(compression: Compression): string {
  const { zlib = '', zstd = '' } = process.versions;
  return compression === 'zstd' ? `zstd ${zstd} ${ZSTD_LEVEL}` : `${compression} ${zlib} ${DEFLATE_LEVEL}`;
}

/** Longest run of bytes that one stored block of a deflate stream holds (RFC 1951, 3.2.4). */
export const STORED_BLOCK_BYTES = 0xffff;

/**
 * One block as a piece that can be decompressed alone: a part of a deflate stream that ends on a byte and refers to
 * nothing before it, or a zstd frame. Works on libuv's threads; the bytes depend on the block alone.
 */
export async function compressBlock(
  compression: Compression,
  block: Uint8Array,
): Promise<readonly Uint8Array[]> {
  if (compression === 'none') return [block];
  if (compression === 'zstd') return [await compressZstd(block)];
  if (await isIncompressible(block)) return storedBlocks(block);
  return deflateBlock(block);
}

const DEFLATE_OPTIONS = {
  level: DEFLATE_LEVEL,
  memLevel: 9,
  chunkSize: OUTPUT_CHUNK_BYTES,
  // With each write: to flush in a call of its own would cost one more turn of the event loop.
  flush: constants.Z_FULL_FLUSH,
};

/** Streams that have nothing to do: one for each block that is in flight somewhere, to be used again. */
const idle: DeflateRaw[] = [];

/** Deflates on a stream of its own that was set back, so that nothing of an earlier block has any influence. */
function deflateBlock(block: Uint8Array): Promise<readonly Uint8Array[]> {
  const stream = idle.pop() ?? createDeflateRaw(DEFLATE_OPTIONS);
  return new Promise((resolve, reject) => {
    const pieces: Uint8Array[] = [];
    stream.on('data', (piece: Uint8Array) => pieces.push(piece));
    stream.on('error', reject);
    stream.write(block, () => {
      stream.removeAllListeners('data').removeAllListeners('error');
      stream.reset();
      idle.push(stream);
      resolve(pieces);
    });
  });
}

function compressZstd(block: Uint8Array): Promise<Uint8Array> {
  return zstdCompressAsync(block, {
    params: {
      [constants.ZSTD_c_compressionLevel]: ZSTD_LEVEL,
      [constants.ZSTD_c_checksumFlag]: 1,
      [constants.ZSTD_c_contentSizeFlag]: 1,
    },
    pledgedSrcSize: block.length,
  });
}

/**
 * Decompresses one block of a blob that this compression made; `sizeBytes` is what must come out. For the last block
 * `bytes` may run on to the blob's end. CORRUPT when it is not such a block.
 */
export async function decompressBlock(
  compression: Compression,
  bytes: Uint8Array,
  sizeBytes: number,
): Promise<Uint8Array> {
  const block = await inflate(compression, bytes, sizeBytes);
  if (block.length === sizeBytes) return block;
  throw new EngineError('CORRUPT', `a compressed block has ${block.length} bytes instead of ${sizeBytes}`);
}

async function inflate(compression: Compression, bytes: Uint8Array, sizeBytes: number): Promise<Uint8Array> {
  if (compression === 'none') return bytes.subarray(0, sizeBytes);
  const maxOutputLength = Math.max(sizeBytes, 1);
  try {
    return compression === 'zstd'
      ? await zstdDecompressAsync(bytes, { maxOutputLength })
      : await inflateRawAsync(bytes, { maxOutputLength, finishFlush: constants.Z_SYNC_FLUSH });
  } catch (cause) {
    throw new EngineError('CORRUPT', 'a compressed block cannot be decompressed', { cause });
  }
}

const PROBE_COUNT = 4096;
/** Equal counts of all byte values would give about 69,600; text and programs give well above 200,000. */
const UNIFORM_SUM_OF_SQUARES = 90_000;
const SAMPLE_BYTES = 8 * 1024;
const SAMPLES = 4;

/**
 * Whether deflating would gain next to nothing. Looks at the spread of byte values first, which costs microseconds
 * and settles nearly every block, then deflates four samples.
 */
async function isIncompressible(block: Uint8Array): Promise<boolean> {
  if (block.length < SAMPLE_BYTES || sumOfSquares(block) > UNIFORM_SUM_OF_SQUARES) return false;
  const step = Math.floor((block.length - SAMPLE_BYTES) / (SAMPLES - 1));
  const sample = Buffer.concat(
    Array.from({ length: SAMPLES }, (_, i) => block.subarray(i * step, i * step + SAMPLE_BYTES)),
  );
  const deflated = await deflateRawAsync(sample, { level: 1 });
  return deflated.length > sample.length * 0.98;
}

function sumOfSquares(block: Uint8Array): number {
  const counts = new Uint32Array(256);
  const step = block.length / PROBE_COUNT;
  for (let i = 0; i < PROBE_COUNT; i++) counts[block[Math.floor(i * step)]!]! += 1;
  return counts.reduce((sum, count) => sum + count * count, 0);
}

/** The block as stored deflate blocks: five bytes before each 65,535. */
function storedBlocks(block: Uint8Array): readonly Uint8Array[] {
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < block.length; at += STORED_BLOCK_BYTES) {
    const piece = block.subarray(at, at + STORED_BLOCK_BYTES);
    const header = Buffer.alloc(5);
    header.writeUInt16LE(piece.length, 1);
    header.writeUInt16LE(piece.length ^ 0xffff, 3);
    pieces.push(header, piece);
  }
  return pieces;
}
