import { crc32 } from 'node:zlib';
import { BLOCK_BYTES, FIELDS } from './tar-format.ts';

/** Most uncompressed bytes between two points where reading can start. */
export const MAX_BLOCK_BYTES = 1024 * 1024;
/** Fewer are taken only where nothing better is near: each block begins with an empty window and costs a few bytes. */
const MIN_BLOCK_BYTES = MAX_BLOCK_BYTES / 2;

/**
 * Where a compressed block ends, as a function of the bytes alone, so that two streams with a common part are soon
 * divided at the same places of it, whatever stands before. A block ends before an entry of a tar: before the next file
 * that fits no block, which is divided from its own start; else before the entry whose header has the smallest checksum of those in the
 * second half of the block; else before the last one. Bytes without such headers are divided evenly. `bytes` begins on
 * a tar block and holds `MAX_BLOCK_BYTES`, or all that is left.
 */
export function findBlockEnd(bytes: Uint8Array): number {
  let early = 0;
  let best = 0;
  let smallest = Infinity;
  for (let at = BLOCK_BYTES; at + BLOCK_BYTES <= bytes.length; at += BLOCK_BYTES) {
    if (!isHeader(bytes, at)) continue;
    if (isLarge(bytes, at)) return at;
    if (at < MIN_BLOCK_BYTES) {
      early = at;
      continue;
    }
    const rank = crc32(bytes.subarray(at, at + BLOCK_BYTES));
    if (rank >= smallest) continue;
    smallest = rank;
    best = at;
  }
  return bytes.length < MAX_BLOCK_BYTES ? bytes.length : best || early || bytes.length;
}

/** "ustar", as POSIX and GNU headers have it. */
function isHeader(bytes: Uint8Array, block: number): boolean {
  const at = block + FIELDS.magic.at;
  return (
    bytes[at] === 0x75 &&
    bytes[at + 1] === 0x73 &&
    bytes[at + 2] === 0x74 &&
    bytes[at + 3] === 0x61 &&
    bytes[at + 4] === 0x72
  );
}

/** Whether the header says, in octal digits, that its entry fits no block. */
function isLarge(bytes: Uint8Array, block: number): boolean {
  const { at, length } = FIELDS.size;
  let size = 0;
  for (let i = block + at; i < block + at + length; i++) {
    const digit = bytes[i]! - 0x30;
    if (digit >= 0 && digit < 8) size = size * 8 + digit;
  }
  return size > MAX_BLOCK_BYTES - BLOCK_BYTES;
}
