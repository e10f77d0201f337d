import { chmodSync, rmSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { putImage, putTagged, ref, temporaryStore } from './store-fixture.ts';

function overwrite(store: Store, digest: Parameters<Store['blobs']['pathOf']>[0], text: string): void {
  chmodSync(store.blobs.pathOf(digest), 0o600);
  writeFileSync(store.blobs.pathOf(digest), text);
}

test('a sound store has nothing broken, and every byte was looked at', async () => {
  const store = await temporaryStore();
  const image = await putTagged(store, 'app:1', 'a');
  const seen: number[] = [];
  const result = await store.verify({ onProgress: ({ bytes }) => seen.push(bytes ?? 0) });
  expect(result).toEqual({ checkedBlobs: 3, checkedBytes: image.sizeBytes, broken: [] });
  expect(seen.at(-1)).toBe(image.sizeBytes);
});

test('names what is broken, how, and who uses it', async () => {
  const store = await temporaryStore();
  const a = await putTagged(store, 'app:1', 'a');
  store.tags.move([{ reference: ref('app:2'), digest: a.digest }], 'tag');
  const b = await putImage(store, 'b');
  overwrite(store, a.layer, 'layer z');
  overwrite(store, b.layer, 'lay');
  rmSync(store.blobs.pathOf(a.config));
  const names = ['docker.io/library/app:1', 'docker.io/library/app:2'];
  const { broken } = await store.verify({});
  expect([...broken].sort((x, y) => x.problem.localeCompare(y.problem))).toEqual([
    { digest: b.layer, problem: 'cut off', usedBy: [b.digest] },
    { digest: a.layer, problem: 'damaged', usedBy: names },
    { digest: a.config, problem: 'missing', usedBy: names },
  ]);
});

test('what is broken counts as missing until it is put again', async () => {
  const store = await temporaryStore();
  const image = await putTagged(store, 'app:1', 'a');
  overwrite(store, image.layer, 'layer z');
  expect(await store.blobs.has(image.layer)).toBe(true);
  await store.verify({});
  expect(await store.blobs.has(image.layer)).toBe(false);
  await store.blobs.put(Buffer.from('layer a'));
  expect(await store.blobs.has(image.layer)).toBe(true);
  expect((await store.verify({})).broken).toEqual([]);
});

test('a subset looks at nothing else', async () => {
  const store = await temporaryStore();
  const image = await putTagged(store, 'app:1', 'a');
  overwrite(store, image.layer, 'layer z');
  expect(await store.verify({ digests: [image.config] })).toMatchObject({ checkedBlobs: 1, broken: [] });
  expect(await store.verify({ digests: [digestOf('unknown')] })).toMatchObject({
    broken: [{ digest: digestOf('unknown'), problem: 'missing', usedBy: [] }],
  });
});

test('manifests of other platforms that were never fetched are not missing', async () => {
  const store = await temporaryStore();
  const image = await putImage(store, 'amd64');
  const manifests = [image.digest, digestOf('elsewhere')].map((digest) => ({
    mediaType: MEDIA_TYPES.ociManifest,
    digest,
    size: 1,
  }));
  const index = await store.blobs.put(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
  store.images.add({ ...index, mediaType: MEDIA_TYPES.ociIndex });
  store.tags.move([{ reference: ref('app:1'), digest: index.digest }], 'pull');
  expect((await store.verify({})).broken).toEqual([]);
});

test('a fired signal stops it', async () => {
  const store = await temporaryStore();
  await putImage(store, 'a');
  await expect(store.verify({ signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'CANCELLED' });
});
