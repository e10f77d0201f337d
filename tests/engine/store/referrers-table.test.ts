import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { digestHex } from '../../../src-main/engine/oci/digest.ts';
import { MEDIA_TYPES } from '../../../src-main/engine/oci/media-types.ts';
import type { ReferrerRecord, Store } from '../../../src-main/engine/store/store.ts';
import { blobsOf, pruneAll, putTagged, ref, temporaryStore, type PutImage } from './store-fixture.ts';

/** Puts a document that needs one blob, without keeping it. */
async function putReferrer(
  store: Store,
  subject: PutImage,
  text: string,
): Promise<ReferrerRecord & { blob: string }> {
  const blob = await store.blobs.put(Buffer.from(`{"text":"${text}"}`));
  const config = {
    mediaType: 'application/vnd.oci.empty.v1+json',
    digest: blob.digest,
    size: blob.sizeBytes,
  };
  const manifest = { schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers: [] };
  const { digest, sizeBytes } = await store.blobs.put(Buffer.from(JSON.stringify(manifest)));
  return {
    subject: subject.digest,
    digest,
    mediaType: MEDIA_TYPES.ociManifest,
    sizeBytes,
    blob: blob.digest,
  };
}

function recordOf({ blob: _, ...record }: ReferrerRecord & { blob: string }): ReferrerRecord {
  return record;
}

test('what refers to an image stays as long as the image, and is forgotten with it', async () => {
  const store = await temporaryStore();
  const image = await putTagged(store, 'app:1', 'a');
  const referrer = await putReferrer(store, image, 'signature');
  store.referrers.keep([recordOf(referrer)]);
  await store.prune(pruneAll);
  expect(await blobsOf(store)).toContain(referrer.blob);
  expect(store.referrers.of(image.digest)).toEqual([recordOf(referrer)]);
  expect(store.images.list()).toHaveLength(1);
  store.tags.remove(ref('app:1'), 'untag');
  await store.prune({ ...pruneAll, graceMs: 0 });
  expect(await blobsOf(store)).toEqual([]);
  expect(store.referrers.of(image.digest)).toEqual([]);
});

test('what had the same tag gives way, and what names its subject itself stays', async () => {
  const store = await temporaryStore();
  const image = await putTagged(store, 'app:1', 'a');
  const [old, next, other] = [
    { ...recordOf(await putReferrer(store, image, 'old')), tag: 'one.sig' },
    { ...recordOf(await putReferrer(store, image, 'next')), tag: 'one.sig' },
    recordOf(await putReferrer(store, image, 'other')),
  ];
  store.referrers.keep([old, other]);
  store.referrers.keep([next]);
  store.referrers.keep([next]);
  const byDigest = (a: ReferrerRecord, b: ReferrerRecord): number => (a.digest < b.digest ? -1 : 1);
  expect(store.referrers.of(image.digest)).toEqual([next, other].sort(byDigest));
  await store.prune(pruneAll);
  expect(await store.blobs.has(old.digest)).toBe(false);
});

test('nothing is kept that is not whole, and verify names the image of what breaks later', async () => {
  const store = await temporaryStore();
  const image = await putTagged(store, 'app:1', 'a');
  const absent = { subject: image.digest, digest: image.digest.replace(/.$/, '0') as PutImage['digest'] };
  expect(() =>
    store.referrers.keep([{ ...absent, mediaType: MEDIA_TYPES.ociManifest, sizeBytes: 1 }]),
  ).toThrow(expect.objectContaining({ code: 'NOT_FOUND' }));
  const referrer = await putReferrer(store, image, 'signature');
  store.referrers.keep([recordOf(referrer)]);
  rmSync(join(store.root, 'blobs/sha256', digestHex(referrer.blob as PutImage['digest'])));
  expect((await store.verify({})).broken).toEqual([
    { digest: referrer.blob, problem: 'missing', usedBy: ['docker.io/library/app:1'] },
  ]);
});
