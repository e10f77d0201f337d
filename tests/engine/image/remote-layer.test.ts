import { createHash, randomBytes } from 'node:crypto';
import { gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { listRemoteLayer } from '../../../src-main/engine/image/remote/list-remote-layer.ts';
import { readRemoteLayer } from '../../../src-main/engine/image/remote/read-remote-layer.ts';
import type { RemoteBlob } from '../../../src-main/engine/image/remote/remote-blob.ts';
import type { Compression } from '../../../src-main/engine/oci/media-types.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { file, folder, hardlink, writeLayer, type Member } from '../support/layers.ts';
import { tempStore } from '../support/temp-store.ts';
import { bytesOf, inChunks } from '../tar/tar-bytes.ts';

const MIB = 1024 * 1024;
const ALL = { maxBytes: 1024 * MIB };
const NOISE = randomBytes(6 * MIB + 77);
/** As large, of which every part can be compressed. */
const TEXT = Buffer.from('layer upon layer, year upon year\n'.repeat(150_000));

interface TestBlob extends RemoteBlob {
  /** What was asked for: where each transfer began. */
  readonly starts: number[];
}

/** A blob as a registry on a line hands it out: in small pieces, no more than are taken. */
function remote(bytes: Uint8Array, { parts = true, digest = digestOf(bytes) } = {}): TestBlob {
  const starts: number[] = [];
  return {
    digest,
    starts,
    open: () => {
      starts.push(0);
      return Promise.resolve({ bytes: inChunks(bytes, 32_768), totalBytes: bytes.length });
    },
    openFrom: (start) => {
      if (!parts) return Promise.resolve(undefined);
      starts.push(start);
      return Promise.resolve({ bytes: inChunks(bytes.subarray(start), 32_768), totalBytes: bytes.length });
    },
  };
}

function digestOf(bytes: Uint8Array): Digest {
  return `sha256:${createHash('sha256').update(bytes).digest('hex')}`;
}

const LARGE: readonly Member[] = [
  folder('etc'),
  file('etc/first', 'one'),
  file('models/large.bin', NOISE, { mode: 0o600 }),
  file('models/larger.bin', Buffer.concat([NOISE, NOISE])),
  file('var/last', 'two'),
];

async function layerBytes(store: Store, members: readonly Member[], compression: Compression = 'gzip') {
  const { descriptor, diffId } = await writeLayer(store, members, compression);
  return { bytes: await bytesOf(store.blobs.open(descriptor.digest, { verify: true })), diffId };
}

function summary({
  entries,
}: {
  readonly entries: readonly { readonly path: string; readonly sizeBytes: number }[];
}) {
  return entries.map(({ path, sizeBytes }) => `${path} ${sizeBytes}`);
}

const EXPECTED = [
  'etc 0',
  'etc/first 3',
  `models/large.bin ${NOISE.length}`,
  `models/larger.bin ${2 * NOISE.length}`,
  'var/last 3',
];

function unasked(): never {
  throw new Error('the registry was asked again');
}

describe('a layer at a registry', () => {
  test.each(['gzip', 'none'] as const)('is listed without its large contents (%s)', async (compression) => {
    const { bytes } = await layerBytes(await tempStore(), LARGE, compression);
    const blob = remote(bytes);
    const layer = await readRemoteLayer(blob, ALL);
    expect(summary(layer)).toEqual(EXPECTED);
    expect(layer.toc).toBeUndefined();
    expect(blob.starts.length).toBe(3);
    expect(layer.fetchedBytes).toBeLessThan(5 * MIB);
  });

  test('is read whole, and proved, where the registry gives no parts', async () => {
    for (const compression of ['gzip', 'none', 'zstd'] as const) {
      const { bytes, diffId } = await layerBytes(await tempStore(), LARGE, compression);
      const layer = await readRemoteLayer(remote(bytes, { parts: false }), ALL);
      expect(summary(layer)).toEqual(EXPECTED);
      expect(layer).toMatchObject({ fetchedBytes: bytes.length, toc: { diffId } });
    }
  });

  test('is read whole where its contents were compressed, by whomever', async () => {
    const members = [file('a.txt', TEXT), file('b', 'end')];
    const plain = await layerBytes(await tempStore(), members, 'none');
    const own = await layerBytes(await tempStore(), members, 'gzip');
    for (const bytes of [own.bytes, gzipSync(plain.bytes), zstdCompressSync(plain.bytes)]) {
      const layer = await readRemoteLayer(remote(bytes), ALL);
      expect(summary(layer)).toEqual([`a.txt ${TEXT.length}`, 'b 3']);
      expect(layer).toMatchObject({ fetchedBytes: bytes.length, toc: { diffId: plain.diffId } });
    }
  });

  test('is read where only a part of a large content was compressed', async () => {
    const mixed = Buffer.concat([NOISE.subarray(0, 5 * MIB), TEXT.subarray(0, 2 * MIB), NOISE]);
    const { bytes, diffId } = await layerBytes(await tempStore(), [file('mixed', mixed), file('z', 'end')]);
    const layer = await readRemoteLayer(remote(bytes), ALL);
    expect(summary(layer)).toEqual([`mixed ${mixed.length}`, 'z 3']);
    expect(layer.toc?.diffId).toBe(diffId);
  });

  test('keeps its place in a layer that holds a layer', async () => {
    const inner = await layerBytes(await tempStore(), LARGE);
    const { bytes } = await layerBytes(await tempStore(), [
      file('layer.tar.gz', inner.bytes),
      file('z', 'end'),
    ]);
    const layer = await readRemoteLayer(remote(bytes), ALL);
    expect(summary(layer)).toEqual([`layer.tar.gz ${inner.bytes.length}`, 'z 3']);
  });

  test('is refused when it is not what its digest says, and when it takes more than is allowed', async () => {
    const { bytes } = await layerBytes(await tempStore(), [file('a', 'one')]);
    const other = remote(bytes, { digest: digestOf(Buffer.from('other')) });
    await expect(readRemoteLayer(other, ALL)).rejects.toMatchObject({ code: 'CORRUPT' });
    const noise = await layerBytes(await tempStore(), [file('noise', NOISE)], 'none');
    await expect(readRemoteLayer(remote(gzipSync(noise.bytes)), { maxBytes: 65_536 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
  });

  test('is asked for once, seen whole or in parts', async () => {
    const store = await tempStore();
    const other = await tempStore();
    const top = { path: '/', offset: 0, limit: 100 };
    for (const members of [LARGE, [file('a', 'one')]]) {
      const { bytes } = await layerBytes(other, members);
      const blob = remote(bytes);
      const open = () => blob;
      const first = await listRemoteLayer(store, blob.digest, top, open, ALL);
      const again = await listRemoteLayer(store, blob.digest, top, unasked, {
        maxBytes: 0,
      });
      expect(again).toEqual(first);
      expect(blob.starts[0]).toBe(0);
    }
  });

  test('shows what it removes, and pages of what is in a folder', async () => {
    const store = await tempStore();
    const members = [
      folder('app'),
      file('app/.wh.old'),
      file('app/new', 'text'),
      hardlink('app/link', 'bin/below'),
      file('app/.wh..wh..opq'),
    ];
    const { bytes } = await layerBytes(await tempStore(), members);
    const blob = remote(bytes);
    const list = (offset: number) =>
      listRemoteLayer(store, blob.digest, { path: '/app', offset, limit: 2 }, () => blob, ALL);
    const shown = [await list(0), await list(2)].flatMap(({ rows, total }) =>
      rows.map(({ path, change, sizeBytes }) => [path, change, sizeBytes, total]),
    );
    expect(shown).toEqual([
      ['/app/link', 'unmodified', 0, 3],
      ['/app/new', 'unmodified', 4, 3],
      ['/app/old', 'removed', 0, 3],
    ]);
  });
});
