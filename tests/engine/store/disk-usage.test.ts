import { linkSync, mkdirSync, statSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { putImage, putTagged, temporaryStore } from './store-fixture.ts';

test('every file counts once, under what it is for, without what the sandbox keeps', async () => {
  const store = await temporaryStore();
  const tagged = await putTagged(store, 'app:1', 'a');
  const untagged = await putImage(store, 'b');
  const cached = await store.blobs.put(Buffer.alloc(5000));
  store.records.put('step', 'k', Buffer.from('v'), [cached.digest, tagged.layer]);
  await store.blobs.put(Buffer.alloc(700, 1));
  mkdirSync(join(store.snapshotsFolder, 'a'));
  writeFileSync(join(store.snapshotsFolder, 'a/file'), Buffer.alloc(900));
  linkSync(store.blobs.pathOf(cached.digest), join(store.root, 'zz'));
  const usage = await store.diskUsage();
  const databases = ['cache.db', 'cache.db-wal', 'cache.db-shm'].map(
    (name) => statSync(join(store.root, name)).size,
  );
  expect(usage).toMatchObject({
    imageBytes: tagged.sizeBytes + untagged.sizeBytes,
    cacheBytes: 5000 + databases.reduce((sum, size) => sum + size),
    reclaimableBytes: untagged.sizeBytes + 5000 + 700,
    images: 2,
    blobs: 8,
  });
  expect(usage.imageBytes + usage.cacheBytes + usage.otherBytes).toBe(usage.totalBytes);
  expect(usage.freeBytes).toBeGreaterThan(0);
});
