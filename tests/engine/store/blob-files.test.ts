import { chmodSync, readdirSync, readFileSync, statSync, truncateSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { createDigester, digestOf } from '../../../src-main/engine/oci/digest.ts';
import { faultyFileSystem } from './faulty-file-system.ts';
import { temporaryStore, textOf } from './store-fixture.ts';

const ABSENT = digestOf('absent');

/** Changes a stored file behind the store's back. */
function damage(path: string, change: () => void): void {
  chmodSync(path, 0o600);
  change();
}

describe('a blob that was put', () => {
  test('lies under its digest, read-only, as in an OCI image layout', async () => {
    const store = await temporaryStore();
    const put = await store.blobs.put(Buffer.from('hello'));
    const path = join(store.root, 'blobs', 'sha256', put.digest.slice(7));
    expect(put).toEqual({ digest: digestOf('hello'), sizeBytes: 5 });
    expect(store.blobs.pathOf(put.digest)).toBe(path);
    expect(readFileSync(path, 'utf8')).toBe('hello');
    expect(statSync(path).mode & 0o777).toBe(0o444);
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
  });

  test('can be put again', async () => {
    const store = await temporaryStore();
    const first = await store.blobs.put(Buffer.from('hello'));
    expect(await store.blobs.put(Buffer.from('hello'))).toEqual(first);
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
  });

  test('is read whole, in part and at a position', async () => {
    const store = await temporaryStore();
    const text = 'abcdefgh'.repeat(200_000);
    const { digest } = await store.blobs.put(Buffer.from(text));
    expect(await textOf(store.blobs.open(digest))).toBe(text);
    expect(await textOf(store.blobs.open(digest, { offset: 3, length: 4 }))).toBe('defg');
    expect(await textOf(store.blobs.open(digest, { offset: text.length - 2, length: 100 }))).toBe('gh');
    expect(Buffer.from(await store.blobs.readAt(digest, 9, 3)).toString()).toBe('bcd');
    expect(Buffer.from(await store.blobs.readAt(digest, text.length - 1, 9)).toString()).toBe('h');
    expect(await store.blobs.sizeOf(digest)).toBe(text.length);
    expect(await store.blobs.has(digest)).toBe(true);
  });

  test('too large to be read at once says so', async () => {
    const store = await temporaryStore();
    const { digest } = await store.blobs.put(Buffer.from('hello'));
    await expect(store.blobs.read(digest, { limitBytes: 4 })).rejects.toMatchObject({
      code: 'LIMIT_EXCEEDED',
    });
    expect(Buffer.from(await store.blobs.read(digest, { limitBytes: 5 })).toString()).toBe('hello');
  });

  test('many reads at once share few open files', async () => {
    const store = await temporaryStore();
    const digests: Digest[] = [];
    for (let i = 0; i < 40; i++) digests.push((await store.blobs.put(Buffer.from(`blob ${i}`))).digest);
    const reads = digests
      .flatMap((digest) => [digest, digest])
      .map((digest) => store.blobs.readAt(digest, 5, 9));
    const texts = (await Promise.all(reads)).map((bytes) => Buffer.from(bytes).toString());
    expect(texts).toEqual(Array.from({ length: 40 }, (_, i) => [String(i), String(i)]).flat());
  });
});

test('a missing blob is NOT_FOUND everywhere', async () => {
  const { blobs } = await temporaryStore();
  expect(await blobs.has(ABSENT)).toBe(false);
  for (const reading of [
    blobs.sizeOf(ABSENT),
    blobs.read(ABSENT),
    textOf(blobs.open(ABSENT)),
    blobs.readAt(ABSENT, 0, 1),
  ]) {
    await expect(reading).rejects.toMatchObject({ code: 'NOT_FOUND' });
  }
});

describe('a blob that was damaged on disk', () => {
  test('is found out by a full read, though not by its size', async () => {
    const store = await temporaryStore();
    const { digest } = await store.blobs.put(Buffer.from('hello'));
    damage(store.blobs.pathOf(digest), () => writeFileSync(store.blobs.pathOf(digest), 'jello'));
    await expect(textOf(store.blobs.open(digest))).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(await textOf(store.blobs.open(digest, { verify: false }))).toBe('jello');
    expect(await store.blobs.has(digest)).toBe(true);
  });

  test('counts as missing when its size is another, and is healed by putting it again', async () => {
    const store = await temporaryStore();
    const { digest } = await store.blobs.put(Buffer.from('hello'));
    damage(store.blobs.pathOf(digest), () => truncateSync(store.blobs.pathOf(digest), 2));
    expect(await store.blobs.has(digest)).toBe(false);
    await expect(store.blobs.read(digest)).rejects.toMatchObject({ code: 'CORRUPT' });
    await store.blobs.put(Buffer.from('hello'));
    expect(await textOf(store.blobs.open(digest))).toBe('hello');
  });
});

describe('an ingest', () => {
  test('takes large and small pieces', async () => {
    const store = await temporaryStore();
    const pieces = [10, 300_000, 1, 262_144, 5, 262_143, 0, 700_000].map((length, i) =>
      Buffer.alloc(length, i),
    );
    const ingest = await store.blobs.ingest();
    for (const piece of pieces) {
      const copy = Buffer.from(piece);
      await ingest.write(copy);
      copy.fill(0xff);
    }
    const whole = Buffer.concat(pieces);
    expect(ingest.sizeBytes).toBe(whole.length);
    expect(await ingest.commit()).toEqual({ digest: digestOf(whole), sizeBytes: whole.length });
  });

  test.each([
    ['digest', { digest: ABSENT }],
    ['size', { sizeBytes: 4 }],
  ])('with another %s than expected is CORRUPT and leaves nothing', async (_, expected) => {
    const store = await temporaryStore();
    const ingest = await store.blobs.ingest();
    await ingest.write(Buffer.from('hello'));
    await expect(ingest.commit(expected)).rejects.toMatchObject({ code: 'CORRUPT' });
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
    expect(readdirSync(join(store.root, 'blobs/sha256'))).toEqual([]);
  });

  test('is checked by sha512 when that is asked for', async () => {
    const store = await temporaryStore();
    const digester = createDigester('sha512');
    digester.update(Buffer.from('hello'));
    const digest = digester.digest();
    const ingest = await store.blobs.ingest();
    await ingest.write(Buffer.from('hello'));
    expect(await ingest.commit({ digest })).toEqual({ digest, sizeBytes: 5 });
    expect(await textOf(store.blobs.open(digest))).toBe('hello');
  });

  test('leaves nothing when it is aborted, and may be aborted again', async () => {
    const store = await temporaryStore();
    const ingest = await store.blobs.ingest();
    await ingest.write(Buffer.from('hello'));
    expect(readdirSync(join(store.root, 'ingest'))).toHaveLength(1);
    await ingest.abort();
    await ingest.abort();
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
    await expect(ingest.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'INTERNAL' });
  });

  test('ends when its signal fires', async () => {
    const store = await temporaryStore();
    const controller = new AbortController();
    const ingest = await store.blobs.ingest({ signal: controller.signal });
    await ingest.write(Buffer.from('hello'));
    controller.abort();
    await expect(ingest.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'CANCELLED' });
    await ingest.abort();
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
  });
});

describe('many blobs put as one', () => {
  const texts = Array.from({ length: 30 }, (_, i) => `blob ${i % 20}`);

  test('are all there, with one sync of their folder', async () => {
    const faults = faultyFileSystem();
    let folderSyncs = 0;
    const syncFolder = (path: string): Promise<void> => {
      folderSyncs += 1;
      return faults.fileSystem.syncFolder(path);
    };
    const store = await temporaryStore({ fileSystem: { ...faults.fileSystem, syncFolder } });
    await store.blobs.put(Buffer.from('blob 3'));
    folderSyncs = 0;
    const put = await store.blobs.putAll(texts.map((text) => Buffer.from(text)));
    expect(put).toEqual(texts.map((text) => ({ digest: digestOf(text), sizeBytes: text.length })));
    expect(folderSyncs).toBe(1);
    for (const text of texts) expect(await textOf(store.blobs.open(digestOf(text)))).toBe(text);
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
  });

  test('are all absent when one of them fails', async () => {
    const faults = faultyFileSystem();
    const store = await temporaryStore({ fileSystem: faults.fileSystem });
    faults.arm(20, () => {
      throw Object.assign(new Error('full'), { code: 'ENOSPC' });
    });
    const putting = store.blobs.putAll(texts.map((text) => Buffer.from(text)));
    await expect(putting).rejects.toMatchObject({ code: 'NO_SPACE' });
    for (const text of texts) expect(await store.blobs.has(digestOf(text))).toBe(false);
    expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
  });
});
