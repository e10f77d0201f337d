import { gunzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { openLayerFile } from '../../../src-main/engine/filetree/open-layer-file.ts';
import { openLayerWriter } from '../../../src-main/engine/filetree/open-layer-writer.ts';
import { readToc } from '../../../src-main/engine/filetree/read-toc.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { createTarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import { file, folder, hardlink, symlink, writeLayer, type Member } from '../support/layers.ts';
import { seededNumbers } from '../support/random-image.ts';
import { tempStore } from '../support/temp-store.ts';

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces);
}

function noise(length: number, seed = 1): Uint8Array {
  const next = seededNumbers(seed);
  return Uint8Array.from({ length }, () => Math.floor(next() * 256));
}

const LARGE = noise(2_500_000);
const MEMBERS: readonly Member[] = [
  folder('etc', { mode: 0o700, uid: 7, gid: 8 }),
  file('etc/hosts', 'localhost', { mtime: 1_700_000_000 }),
  file('etc/large', LARGE),
  file('etc/last', 'after the large one', {
    xattrs: new Map([['security.capability', Uint8Array.of(0, 1, 255)]]),
  }),
  hardlink('etc/hosts2', 'etc/hosts'),
  symlink('etc/names', 'hosts'),
  file('caf\u00e9/\udc80bytes', 'a name that is not UTF-8'),
];

describe('a layer that was written', () => {
  test('unpacks to the tar of its diff ID, in the store under its digest', async () => {
    const store = await tempStore();
    const { descriptor, diffId, toc } = await writeLayer(store, MEMBERS);
    const blob = await store.blobs.read(descriptor.digest, { limitBytes: 10_000_000 });
    const tar = gunzipSync(blob);
    expect(descriptor).toEqual({
      mediaType: MEDIA_TYPES.ociLayerGzip,
      digest: digestOf(blob),
      size: blob.length,
    });
    expect(diffId).toBe(digestOf(tar));
    expect(toc.unpackedBytes).toBe(tar.length);
    const hosts = toc.entries[1]!;
    expect(tar.subarray(hosts.contentOffset, hosts.contentOffset + 9).toString()).toBe('localhost');
    expect(hosts.contentDigest).toBe(digestOf('localhost'));
  });

  test('has the same digest when it is written again', async () => {
    const [one, other] = [await tempStore(), await tempStore()];
    expect((await writeLayer(one, MEMBERS)).descriptor).toEqual(
      (await writeLayer(other, MEMBERS)).descriptor,
    );
  });

  test.each(['gzip', 'zstd', 'none'] as const)(
    'gives back each file through %s blocks',
    async (compression) => {
      const store = await tempStore();
      const layer = await writeLayer(store, MEMBERS, compression);
      for (const { entry, content } of MEMBERS) {
        const found = layer.toc.entries.find(({ path }) => path === entry.path)!;
        if (content === undefined) continue;
        expect(await collect(openLayerFile(store, layer, found))).toEqual(Buffer.from(content));
      }
      const large = layer.toc.entries[2]!;
      const part = openLayerFile(store, layer, large, { offset: 1_048_000, length: 1000 });
      expect(await collect(part)).toEqual(Buffer.from(LARGE.subarray(1_048_000, 1_049_000)));
    },
  );

  test('has the same table of contents when it is read from its record and from its bytes', async () => {
    const [store, other] = [await tempStore(), await tempStore()];
    const layer = await writeLayer(store, MEMBERS);
    const recorded = await readToc(store, layer);
    expect(recorded).toEqual(layer.toc);
    const ingest = await other.blobs.ingest();
    await ingest.write(await store.blobs.read(layer.descriptor.digest, { limitBytes: 10_000_000 }));
    await ingest.commit();
    const read = await readToc(other, layer);
    expect(read).toEqual({ ...layer.toc, blocks: undefined });
    const foreign = { ...layer, toc: read };
    const contents = [];
    for (const at of [3, 1, 2, 3])
      contents.push(digestOf(await collect(openLayerFile(other, foreign, read.entries[at]!))));
    expect(contents).toEqual([3, 1, 2, 3].map((at) => read.entries[at]!.contentDigest));
  });

  test('has a content digest that times do not change and owners do', async () => {
    const store = await tempStore();
    const digest = async (more: object): Promise<string> =>
      (await writeLayer(store, [folder('a'), file('a/b', 'text', more)])).toc.contentDigest;
    const plain = await digest({});
    expect(await digest({ mtime: 5 })).toBe(plain);
    expect(await digest({ uid: 5 })).not.toBe(plain);
    expect((await writeLayer(store, [file('a/b', 'text'), folder('a')])).toc.contentDigest).toBe(plain);
  });

  test('is refused with a file that changed while it was read, and leaves nothing', async () => {
    const store = await tempStore();
    const writer = await openLayerWriter(store, { compression: 'gzip' });
    async function* short(): AsyncGenerator<Uint8Array> {
      yield Buffer.from('abc');
    }
    const entry = createTarEntry({ path: 'log', type: 'file', sizeBytes: 10 });
    await expect(writer.add(entry, short())).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await writer.abort();
    for await (const blob of store.blobs.list()) expect(blob).toBeUndefined();
  });
});

test('a layer that unpacks to something else than its diff ID is corrupt', async () => {
  const store = await tempStore();
  const layer = await writeLayer(store, [file('a', '1')]);
  const other = await writeLayer(store, [file('a', '2')]);
  const mixed = { descriptor: layer.descriptor, diffId: other.diffId };
  await expect(readToc(store, mixed)).rejects.toMatchObject({ code: 'CORRUPT' });
});

test('a damaged record is made again from the layer', async () => {
  const store = await tempStore();
  const layer = await writeLayer(store, MEMBERS);
  store.records.put('toc', layer.diffId, Buffer.from('nonsense'));
  expect(await readToc(store, layer)).toEqual(layer.toc);
});
