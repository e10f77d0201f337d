import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { openBlockReuse } from '../../../src-main/engine/filetree/layer-blocks.ts';
import { openLayerWriter } from '../../../src-main/engine/filetree/open-layer-writer.ts';
import type { StoredLayer } from '../../../src-main/engine/filetree/layer-writer.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { compressBlock } from '../../../src-main/engine/tar/compress-block.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { file, writeLayer, type Member } from '../support/layers.ts';
import { tempStore } from '../support/temp-store.ts';

const PLACE = digestOf('COPY . /app');

async function writeAgain(
  store: Store,
  members: readonly Member[],
  compression: 'gzip' | 'zstd' = 'gzip',
): Promise<StoredLayer> {
  const writer = await openLayerWriter(store, { compression, place: PLACE });
  for (const { entry, content } of members) await writer.add(entry, content);
  return await writer.commit();
}

/** Content of that many bytes that compresses a little, another for each seed. */
function contentOf(seed: number, bytes: number): Uint8Array {
  const line = `${digestOf(String(seed))} ${seed}\n`;
  return Buffer.alloc(bytes, line + line.toUpperCase());
}

const members = fc
  .array(fc.record({ seed: fc.nat(40), bytes: fc.nat(400_000) }), { minLength: 1, maxLength: 14 })
  .map((files) => files.map(({ seed, bytes }, i) => file(`f${i}-${seed}`, contentOf(seed, bytes))));

describe('a layer that is written again', () => {
  test.each(['gzip', 'zstd'] as const)(
    'has the same %s bytes whatever the last one of its place was',
    async (compression) => {
      await fc.assert(
        fc.asyncProperty(members, members, fc.nat(14), async (before, other, at) => {
          const [used, fresh] = [await tempStore(), await tempStore()];
          await writeAgain(used, before, compression);
          const after = [...before.slice(0, at), ...other, ...before.slice(at)];
          const again = await writeAgain(used, after, compression);
          expect(again).toEqual(await writeLayer(fresh, after, compression));
          expect(await used.blobs.read(again.descriptor.digest, { limitBytes: 2 ** 30 })).toBeDefined();
        }),
        { numRuns: 8 },
      );
    },
    60_000,
  );

  test('takes over compressed blocks', async () => {
    const store = await tempStore();
    const block = contentOf(1, 600_000);
    const layer = await writeAgain(store, [file('a', contentOf(2, 1_500_000))]);
    const { starts, offsets } = layer.toc.blocks!;
    expect(starts.length).toBe(2);
    const reuse = openBlockReuse(store, PLACE, 'gzip');
    expect(await reuse.find(digestOf(block).slice('sha256:'.length))).toBeUndefined();
    const tar = await plainTar(store, [file('a', contentOf(2, 1_500_000))]);
    const first = tar.subarray(0, starts[1]);
    const found = await reuse.find(digestOf(first).slice('sha256:'.length));
    expect(found).toEqual(Buffer.concat(await compressBlock('gzip', first)));
    expect(found?.length).toBe(offsets[1]! - offsets[0]!);
  });

  test('compresses anew what was damaged, what another compression made, and what is gone', async () => {
    const store = await tempStore();
    const given = [file('a', contentOf(3, 700_000)), file('b', contentOf(4, 700_000))];
    const first = await writeAgain(store, given);
    const record = readRecord(store);
    const damage = (change: object): void =>
      store.records.put('layer-blocks', PLACE, Buffer.from(JSON.stringify({ ...record, ...change })));
    for (const change of [
      { blocks: record.blocks.map(([content, digest, at, size]) => [content, digest, at + 1, size]) },
      { form: 'gzip 1.0 9' },
      { blob: digestOf('gone') },
      { blocks: 'nonsense' },
    ]) {
      damage(change);
      expect((await writeAgain(store, given)).descriptor).toEqual(first.descriptor);
    }
  });
});

function readRecord(store: Store): { readonly blocks: readonly [string, string, number, number][] } {
  return JSON.parse(Buffer.from(store.records.get('layer-blocks', PLACE)!).toString()) as never;
}

async function plainTar(store: Store, given: readonly Member[]): Promise<Buffer> {
  const { descriptor } = await writeLayer(store, given, 'none');
  return Buffer.from(await store.blobs.read(descriptor.digest, { limitBytes: 2 ** 30 }));
}
