import { existsSync, readdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import { blobsOf, pruneAll, putImage, putTagged, ref, temporaryStore } from './store-fixture.ts';

const DAY_MS = 24 * 60 * 60 * 1000;
const nothing = { blobs: 0, images: 0, cacheRecords: 0, snapshots: 0, freedBytes: 0 };

test('a dry run tells exactly what a prune then frees', async () => {
  const store = await temporaryStore();
  const kept = await putTagged(store, 'app:1', 'a');
  const image = await putImage(store, 'untagged');
  const orphan = await store.blobs.put(Buffer.alloc(1000));
  store.records.put('step', 'k', Buffer.from('v'), [orphan.digest]);
  const expected = { ...nothing, blobs: 4, images: 1, cacheRecords: 1, freedBytes: image.sizeBytes + 1000 };
  expect(await store.prune({ dryRun: true, cache: true })).toEqual(expected);
  expect(await store.blobs.has(orphan.digest)).toBe(true);
  const before = (await store.diskUsage()).totalBytes;
  expect(await store.prune(pruneAll)).toEqual(expected);
  expect(await blobsOf(store)).toEqual([kept.digest, kept.config, kept.layer].sort());
  expect(readdirSync(join(store.root, 'blobs/sha256'))).toHaveLength(3);
  expect(readdirSync(join(store.root, 'trash'))).toEqual([]);
  expect(before).toBeGreaterThan(0);
  expect(await store.prune(pruneAll)).toEqual(nothing);
});

describe('what stays', () => {
  test('an image that a tag pointed at within the grace period', async () => {
    let now = Date.UTC(2026, 0, 1);
    const store = await temporaryStore({ clock: () => now });
    const old = await putTagged(store, 'app:1', 'a');
    await putTagged(store, 'app:1', 'b');
    now += 29 * DAY_MS;
    expect(await store.prune(pruneAll)).toEqual(nothing);
    now += 2 * DAY_MS;
    expect(await store.prune(pruneAll)).toEqual({
      ...nothing,
      blobs: 3,
      images: 1,
      freedBytes: old.sizeBytes,
    });
  });

  test("a removed tag's image, so that undo finds it", async () => {
    const store = await temporaryStore();
    const image = await putTagged(store, 'app:1', 'a');
    store.tags.remove(ref('app:1'), 'untag');
    await store.prune(pruneAll);
    store.tags.undo(ref('app:1'));
    expect(store.tags.get(ref('app:1'))?.digest).toBe(image.digest);
    expect((await store.verify({})).broken).toEqual([]);
  });

  test('what a lease names, with all that it refers to', async () => {
    const store = await temporaryStore();
    const image = await putImage(store, 'a');
    const lease = store.lease('a pull');
    lease.add([image.digest]);
    expect(await store.prune(pruneAll)).toEqual(nothing);
    lease.release();
    expect((await store.prune(pruneAll)).blobs).toBe(3);
  });

  test('what is put while a lease is open, also when it was there before', async () => {
    const store = await temporaryStore();
    const before = await store.blobs.put(Buffer.from('before'));
    {
      await using _lease = store.lease('a build');
      const during = await store.blobs.put(Buffer.from('during'));
      await store.blobs.put(Buffer.from('before'));
      expect(await store.prune(pruneAll)).toEqual(nothing);
      expect(await blobsOf(store)).toEqual([before.digest, during.digest].sort());
    }
    expect((await store.prune(pruneAll)).blobs).toBe(2);
  });

  test('every image of an index, and the index', async () => {
    const store = await temporaryStore();
    const images = [await putImage(store, 'amd64'), await putImage(store, 'arm64')];
    const manifests = images.map(({ digest }) => ({ mediaType: MEDIA_TYPES.ociManifest, digest, size: 1 }));
    const index = await store.blobs.put(Buffer.from(JSON.stringify({ schemaVersion: 2, manifests })));
    store.images.add({ ...index, mediaType: MEDIA_TYPES.ociIndex });
    store.tags.move([{ reference: ref('app:1'), digest: index.digest }], 'pull');
    expect(await store.prune(pruneAll)).toEqual({ ...nothing, images: 2 });
    expect(await blobsOf(store)).toHaveLength(7);
  });

  test("a cache record's blob, unless the cache is pruned too", async () => {
    const store = await temporaryStore();
    const { digest } = await store.blobs.put(Buffer.from('cached layer'));
    store.records.put('step', 'k', Buffer.from('v'), [digest]);
    expect(await store.prune({ dryRun: false, cache: false })).toEqual(nothing);
    expect(await store.prune(pruneAll)).toEqual({ ...nothing, blobs: 1, cacheRecords: 1, freedBytes: 12 });
    expect(store.records.get('step', 'k')).toBeUndefined();
  });

  test('a cache record that keeps nothing but what is needed anyway', async () => {
    const store = await temporaryStore();
    const image = await putTagged(store, 'app:1', 'a');
    store.records.put('step', 'k', Buffer.from('v'), [image.layer]);
    expect(await store.prune(pruneAll)).toEqual(nothing);
    expect(store.records.get('step', 'k')).toEqual(Buffer.from('v'));
  });
});

test('a file that no row knows is freed', async () => {
  const store = await temporaryStore();
  const path = join(store.root, 'blobs/sha256', 'a'.repeat(64));
  writeFileSync(path, 'orphan');
  writeFileSync(join(store.root, 'blobs/sha256/not-a-digest'), 'kept');
  expect(await store.prune(pruneAll)).toEqual({ ...nothing, blobs: 1, freedBytes: 6 });
  expect(existsSync(path)).toBe(false);
  expect(readdirSync(join(store.root, 'blobs/sha256'))).toEqual(['not-a-digest']);
});

test('a damaged manifest stops a prune, for nobody knows what it needs', async () => {
  const store = await temporaryStore();
  const image = await putTagged(store, 'app:1', 'a');
  const root = store.root;
  await store.close();
  const path = join(root, 'blobs/sha256', image.digest.slice(7));
  writeFileSync(`${path}.new`, '{"schemaVersion":2}');
  const { renameSync } = await import('node:fs');
  renameSync(`${path}.new`, path);
  const again = await temporaryStore({ root });
  await expect(again.prune({ ...pruneAll, graceMs: 0 })).rejects.toMatchObject({ code: 'CORRUPT' });
  expect(await again.blobs.has(image.layer)).toBe(true);
  expect((await again.diskUsage()).reclaimableBytes).toBe(0);
});

test('a fired signal stops it before anything is freed', async () => {
  const store = await temporaryStore();
  await putImage(store, 'a');
  await expect(store.prune({ ...pruneAll, signal: AbortSignal.abort() })).rejects.toMatchObject({
    code: 'CANCELLED',
  });
  expect(await blobsOf(store)).toHaveLength(3);
});

test('a lease that is discarded takes with it what came under it and nothing else needs', async () => {
  const store = await temporaryStore();
  const other = await temporaryStore({ root: store.root });
  const put = async (text: string) => (await store.blobs.put(Buffer.from(text))).digest;
  const before = await put('before');
  const lease = store.lease('try something');
  const [gone, kept, held] = [await put('gone'), await put('kept'), await put('held')];
  store.records.put('a kind', 'key', new Uint8Array(), [kept]);
  const elsewhere = other.lease('also needs it');
  elsewhere.add([held]);
  const { digest, config, layer } = await putImage(store, 'an image');
  await store.discard(lease);
  const there = await Promise.all(
    [before, kept, held, digest, config, layer, gone].map((each) => other.blobs.has(each)),
  );
  expect(there).toEqual([true, true, true, true, true, true, false]);
});
