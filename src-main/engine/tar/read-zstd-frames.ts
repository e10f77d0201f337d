import { EngineError } from '../../contract/errors.ts';
import { ByteCursor } from './byte-cursor.ts';

/** One zstd frame of a stream: whole when it is small, otherwise as bytes that must be read before the next frame. */
export type ZstdFrame =
  | {
      readonly whole: { readonly bytes: Uint8Array; readonly contentBytes: number };
      readonly bytes: undefined;
    }
  | { readonly whole: undefined; readonly bytes: AsyncIterable<Uint8Array> };

/** Frames whose content is said to be at most this long are collected. */
const SMALL_CONTENT_BYTES = 256 * 1024;

/** Divides a stream into its zstd frames by their own lengths (RFC 8878, 3.1); skippable ones are passed over. */
export async function* readZstdFrames(
  source: AsyncIterable<Uint8Array>,
): AsyncGenerator<ZstdFrame, void, undefined> {
  const cursor = new ByteCursor(source);
  for (;;) {
    const magic = await cursor.fetchBytes(4);
    if (magic.length === 0) return;
    if (isSkippable(magic)) await skipFrame(cursor);
    else yield await openFrame(cursor, magic);
  }
}

function isSkippable(magic: Uint8Array): boolean {
  return ((magic[0] ?? 0) & 0xf0) === 0x50 && magic[1] === 0x2a && magic[2] === 0x4d && magic[3] === 0x18;
}

async function skipFrame(cursor: ByteCursor): Promise<void> {
  const length = Buffer.from(await need(cursor, 4)).readUInt32LE();
  if ((await cursor.skip(length)) < length) throw cutOff();
}

async function openFrame(cursor: ByteCursor, magic: Uint8Array): Promise<ZstdFrame> {
  if (!Buffer.from(magic).equals(Buffer.of(0x28, 0xb5, 0x2f, 0xfd))) {
    throw new EngineError('CORRUPT', 'compressed data has something other than zstd frames in it');
  }
  const descriptor = await need(cursor, 1);
  const { headerBytes, contentSizeAt, contentSizeBytes } = headerLayout(descriptor[0] ?? 0);
  const rest = await need(cursor, headerBytes);
  const contentBytes = readContentSize(rest, contentSizeAt, contentSizeBytes);
  const bytes = frameBytes(cursor, [magic, descriptor, rest], ((descriptor[0] ?? 0) & 4) !== 0);
  if (contentBytes === undefined || contentBytes > SMALL_CONTENT_BYTES) return { whole: undefined, bytes };
  return { whole: { bytes: await collect(bytes, contentBytes), contentBytes }, bytes: undefined };
}

/** Sizes of a frame header's fields after its descriptor byte. */
function headerLayout(descriptor: number): {
  headerBytes: number;
  contentSizeAt: number;
  contentSizeBytes: number;
} {
  const isSingleSegment = (descriptor & 0x20) !== 0;
  const flag = descriptor >> 6;
  const contentSizeBytes = flag === 0 ? (isSingleSegment ? 1 : 0) : 2 ** flag;
  const contentSizeAt = (isSingleSegment ? 0 : 1) + ([0, 1, 2, 4][descriptor & 3] ?? 0);
  return { headerBytes: contentSizeAt + contentSizeBytes, contentSizeAt, contentSizeBytes };
}

function readContentSize(header: Uint8Array, at: number, length: number): number | undefined {
  if (length === 0) return undefined;
  const field = Buffer.from(header.subarray(at, at + length));
  if (length === 8) return Number(field.readBigUInt64LE());
  return field.readUIntLE(0, length) + (length === 2 ? 256 : 0);
}

/** The frame's header, then block after block, then its checksum. */
async function* frameBytes(
  cursor: ByteCursor,
  header: readonly Uint8Array[],
  hasChecksum: boolean,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield Buffer.concat(header);
  for (let isLast = false; !isLast;) {
    const block = await need(cursor, 3);
    const bits = (block[0] ?? 0) | ((block[1] ?? 0) << 8) | ((block[2] ?? 0) << 16);
    isLast = (bits & 1) !== 0;
    const isRunLength = ((bits >> 1) & 3) === 1;
    yield block;
    yield* needSome(cursor, isRunLength ? 1 : bits >> 3);
  }
  if (hasChecksum) yield await need(cursor, 4);
}

async function* needSome(cursor: ByteCursor, length: number): AsyncGenerator<Uint8Array, void, undefined> {
  for (let left = length; left > 0;) {
    const bytes = cursor.takeSome(left);
    if (bytes !== undefined) {
      left -= bytes.length;
      yield bytes;
    } else if (!(await cursor.fetch())) throw cutOff();
  }
}

async function need(cursor: ByteCursor, length: number): Promise<Uint8Array> {
  const bytes = cursor.take(length) ?? (await cursor.fetchBytes(length));
  if (bytes.length < length) throw cutOff();
  return bytes;
}

/** Collects a frame whose content is small; one that is itself much longer than that lies about it. */
async function collect(bytes: AsyncIterable<Uint8Array>, contentBytes: number): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  let total = 0;
  for await (const piece of bytes) {
    pieces.push(piece);
    total += piece.length;
    if (total > 2 * contentBytes + 4096)
      throw new EngineError('CORRUPT', 'a zstd frame is longer than its content');
  }
  return Buffer.concat(pieces);
}

function cutOff(): EngineError {
  return new EngineError('CORRUPT', 'compressed data is cut off');
}
