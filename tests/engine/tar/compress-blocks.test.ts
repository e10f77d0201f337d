import { createHash } from 'node:crypto';
import { constants, gunzipSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { decompressBlock } from '../../../src-main/engine/tar/compress-block.ts';
import {
  createBlockCompressor,
  type CompressedBlocks,
} from '../../../src-main/engine/tar/compress-blocks.ts';
import { decompress } from '../../../src-main/engine/tar/decompress.ts';
import { MAX_BLOCK_BYTES } from '../../../src-main/engine/tar/find-block-end.ts';
import type { Compression } from '../../../src-main/engine/oci/media-types.ts';
import { bytesOf, inChunks } from './tar-bytes.ts';

/** Bytes without any pattern, the same each time. */
function noise(length: number): Buffer {
  const pieces = Array.from({ length: Math.ceil(length / 32) }, (_, i) =>
    createHash('sha256').update(String(i)).digest(),
  );
  return Buffer.concat(pieces).subarray(0, length);
}

const text = Buffer.from(Array.from({ length: 90_000 }, (_, i) => `line ${i} of a long text\n`).join(''));
const mixed = Buffer.concat([text, noise(2 * MAX_BLOCK_BYTES + 77), Buffer.alloc(100_000), text]);

async function compress(
  compression: Compression,
  input: Buffer,
  { parallel = 3, chunk = 100_000 } = {},
): Promise<{ bytes: Buffer; blocks: CompressedBlocks; sizeBytes: number }> {
  const out: Buffer[] = [];
  const compressor = createBlockCompressor({
    compression,
    parallel,
    sink: async (bytes) => void out.push(Buffer.from(bytes)),
  });
  for await (const bytes of inChunks(input, chunk)) await compressor.write(bytes);
  const ended = await compressor.end();
  return { bytes: Buffer.concat(out), ...ended };
}

describe.each<Compression>(['gzip', 'zstd', 'none'])('%s', (compression) => {
  test.each([
    ['nothing', Buffer.alloc(0)],
    ['one byte', Buffer.from('x')],
    ['exactly one block', text.subarray(0, MAX_BLOCK_BYTES)],
    ['text and noise', mixed],
  ])('%s comes back', async (_, input) => {
    const { bytes, sizeBytes } = await compress(compression, input);
    expect(sizeBytes).toBe(bytes.length);
    expect((await bytesOf(decompress(inChunks(bytes, 10_000)))).equals(input)).toBe(true);
  });

  test('the bytes do not depend on how many blocks are worked on, nor on how they came in', async () => {
    const one = await compress(compression, mixed, { parallel: 1, chunk: 1000 });
    const many = await compress(compression, mixed, { parallel: 9, chunk: 3_000_001 });
    expect(many.bytes.equals(one.bytes)).toBe(true);
    expect(many.blocks).toEqual(one.blocks);
  });

  test('every block can be read alone', async () => {
    const { bytes, blocks } = await compress(compression, mixed);
    expect(blocks.starts).toEqual(blocks.offsets.map((_, i) => i * MAX_BLOCK_BYTES));
    for (const [i, offset] of blocks.offsets.entries()) {
      const expected = mixed.subarray(blocks.starts[i], blocks.starts[i + 1]);
      const block = await decompressBlock(
        compression,
        bytes.subarray(offset, blocks.offsets[i + 1]),
        expected.length,
      );
      expect(expected.equals(block)).toBe(true);
    }
  });

  test('an error of the sink ends the writing', async () => {
    const compressor = createBlockCompressor({
      compression,
      sink: () => Promise.reject(new Error('the disk is full')),
    });
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await compressor.write(text);
      await compressor.end();
    })();
    await expect(writing).rejects.toThrow('the disk is full');
  });

  test('its signal ends the writing', async () => {
    const controller = new AbortController();
    const compressor = createBlockCompressor({
      compression,
      signal: controller.signal,
      sink: async () => controller.abort(),
    });
    const writing = (async () => {
      for (let i = 0; i < 20; i++) await compressor.write(text);
    })();
    await expect(writing).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

test('gzip is one member with nothing in its header that differs between machines', async () => {
  const { bytes } = await compress('gzip', mixed);
  expect(bytes.subarray(0, 10).toString('hex')).toBe('1f8b08000000000000ff');
  expect(gunzipSync(bytes).equals(mixed)).toBe(true);
  expect(bytes.readUInt32LE(bytes.length - 4)).toBe(mixed.length);
});

test('what does not compress is stored, at a cost of five bytes in 65,535', async () => {
  const input = noise(MAX_BLOCK_BYTES);
  const { bytes } = await compress('gzip', input);
  expect(bytes.length).toBe(10 + input.length + 17 * 5 + 10);
});

test('no more blocks are in memory than asked for', async () => {
  let released = (): void => undefined;
  const gate = new Promise<void>((resolve) => (released = resolve));
  const compressor = createBlockCompressor({ compression: 'none', parallel: 2, sink: () => gate });
  await compressor.write(text.subarray(0, MAX_BLOCK_BYTES));
  const second = compressor.write(text.subarray(0, MAX_BLOCK_BYTES)).then(() => 'done');
  expect(await Promise.race([second, new Promise((resolve) => setImmediate(resolve, 'waiting'))])).toBe(
    'waiting',
  );
  released();
  expect(await second).toBe('done');
  await compressor.end();
});

describe('decompress', () => {
  const gzip = gzipSync(text);
  const zstd = zstdCompressSync(text, { params: { [constants.ZSTD_c_checksumFlag]: 1 } });
  const skippable = Buffer.concat([Buffer.of(0x51, 0x2a, 0x4d, 0x18, 3, 0, 0, 0), Buffer.from('xyz')]);
  const read = (bytes: Uint8Array, options = {}): Promise<Buffer> =>
    bytesOf(decompress(inChunks(bytes, 5000), options));

  test.each<[string, Buffer, Buffer]>([
    [
      'several gzip members',
      Buffer.concat([gzip, gzipSync('two')]),
      Buffer.concat([text, Buffer.from('two')]),
    ],
    ['zeros behind gzip', Buffer.concat([gzip, Buffer.alloc(512)]), text],
    [
      'several zstd frames',
      Buffer.concat([zstd, zstdCompressSync('two')]),
      Buffer.concat([text, Buffer.from('two')]),
    ],
    ['skippable zstd frames', Buffer.concat([skippable, zstd, skippable]), text],
    [
      'many small zstd frames',
      Buffer.concat(Array.from({ length: 500 }, () => zstdCompressSync('ab'))),
      Buffer.from('ab'.repeat(500)),
    ],
    ['plain bytes', text, text],
    ['three plain bytes', Buffer.from('abc'), Buffer.from('abc')],
    ['nothing', Buffer.alloc(0), Buffer.alloc(0)],
  ])('reads %s', async (_, bytes, expected) => {
    expect((await read(bytes)).equals(expected)).toBe(true);
  });

  test.each<[string, Buffer]>([
    ['gzip that is cut off', gzip.subarray(0, gzip.length - 20)],
    ['gzip without its trailer', gzip.subarray(0, gzip.length - 8)],
    ['gzip with a wrong byte', Buffer.from(gzip).fill(0x55, 500, 600)],
    ['gzip with garbage behind it', Buffer.concat([gzip, Buffer.from('garbage')])],
    ['a gzip header and nothing more', gzip.subarray(0, 10)],
    ['zstd that is cut off', zstd.subarray(0, zstd.length - 20)],
    ['zstd with a wrong byte', Buffer.from(zstd).fill(0x55, 500, 600)],
    ['zstd with garbage behind it', Buffer.concat([zstd, Buffer.from('garbage')])],
    ['a skippable frame that is cut off', skippable.subarray(0, 9)],
  ])('%s is refused', async (_, bytes) => {
    await expect(read(bytes)).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test.each<[string, Buffer]>([
    ['gzip', gzipSync(Buffer.alloc(50_000_000))],
    ['zstd', zstdCompressSync(Buffer.alloc(50_000_000))],
    ['a small zstd frame', zstdCompressSync(Buffer.alloc(200_000))],
    ['plain', Buffer.alloc(200_000)],
  ])('%s stops at the limit', async (_, bytes) => {
    await expect(read(bytes, { limitBytes: 100_000 })).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  test('an error of the source is passed on as it is', async () => {
    const source = async function* () {
      yield gzip.subarray(0, 3000);
      throw new Error('the connection broke');
    };
    await expect(bytesOf(decompress(source()))).rejects.toThrow('the connection broke');
  });

  test('its signal ends the reading', async () => {
    await expect(read(gzip, { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
  });

  test('who stops early leaves nothing running', async () => {
    let isClosed = false;
    const source = async function* () {
      try {
        yield* inChunks(gzip, 1000);
      } finally {
        isClosed = true;
      }
    };
    for await (const _ of decompress(source())) break;
    expect(isClosed).toBe(true);
  });
});
