import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { readdirSync, readFileSync, truncateSync, utimesSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { expect, onTestFinished, test } from 'vitest';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { blobsOf, pruneAll, temporaryStore, textOf } from './store-fixture.ts';

const WHOLE = 'the first half, the second half';
const DIGEST = digestOf(WHOLE);

function partials(store: Store): string[] {
  return readdirSync(join(store.root, 'ingest'));
}

/** Receives a part of the blob and leaves it for later; answers how much there was before. */
async function receivePart(store: Store, text: string, digest: Digest = DIGEST): Promise<number> {
  const blob = await store.blobs.receive(digest);
  await blob?.write(Buffer.from(text));
  await blob?.keep();
  return blob?.resumedBytes ?? -1;
}

test('a blob is received in parts, by one opening of the store after another', async () => {
  const first = await temporaryStore();
  expect(await receivePart(first, 'the first half,')).toBe(0);
  await first.close();
  const store = await temporaryStore({ root: first.root });
  const blob = await store.blobs.receive(DIGEST);
  expect([blob?.resumedBytes, blob?.sizeBytes]).toEqual([15, 15]);
  await blob?.write(Buffer.from(' the second half'));
  expect(await blob?.commit({ digest: DIGEST, sizeBytes: WHOLE.length })).toEqual({
    digest: DIGEST,
    sizeBytes: WHOLE.length,
  });
  expect(await textOf(store.blobs.open(DIGEST))).toBe(WHOLE);
  expect(partials(store)).toEqual([]);
  expect(await store.blobs.receive(DIGEST)).toBeUndefined();
});

test('what a killed process had received is gone on with', async () => {
  const store = await temporaryStore();
  const child = spawn(process.execPath, [
    '--no-warnings',
    join(import.meta.dirname, 'store-child.ts'),
    store.root,
    'receive',
    digestOf(Buffer.alloc(4 * 1024 * 1024)),
  ]);
  onTestFinished(() => void child.kill('SIGKILL'));
  await once(createInterface(child.stdout), 'line');
  child.kill('SIGKILL');
  await once(child, 'close');
  const digest = digestOf(Buffer.alloc(4 * 1024 * 1024));
  const other = await temporaryStore({ root: store.root });
  const blob = await other.blobs.receive(digest);
  expect(blob?.resumedBytes).toBe(3 * 1024 * 1024);
  await blob?.write(Buffer.alloc(1024 * 1024));
  expect(await blob?.commit({ digest })).toMatchObject({ digest });
  expect((await other.verify({})).broken).toEqual([]);
});

test('a part that was damaged meanwhile is found out and goes', async () => {
  const store = await temporaryStore();
  await receivePart(store, 'the first half,');
  const [name = ''] = partials(store);
  const path = join(store.root, 'ingest', name);
  writeFileSync(path, readFileSync(path, 'utf8').replace('first', 'worst'));
  const blob = await store.blobs.receive(DIGEST);
  await blob?.write(Buffer.from(' the second half'));
  await expect(blob?.commit({ digest: DIGEST })).rejects.toMatchObject({ code: 'CORRUPT' });
  expect([partials(store), await blobsOf(store)]).toEqual([[], []]);
});

test('a part that lost its end is gone on with from where it ends', async () => {
  const store = await temporaryStore();
  await receivePart(store, 'the first half,');
  truncateSync(join(store.root, 'ingest', partials(store)[0] ?? ''), 3);
  expect(await receivePart(store, ' first half,')).toBe(3);
  const blob = await store.blobs.receive(DIGEST);
  await blob?.write(Buffer.from(' the second half'));
  expect(await blob?.commit({ digest: DIGEST })).toMatchObject({ digest: DIGEST });
});

test('two that want the same blob receive it once', async () => {
  const store = await temporaryStore();
  const other = await temporaryStore({ root: store.root });
  const blob = await store.blobs.receive(DIGEST);
  const waits: string[] = [];
  const second = other.blobs.receive(DIGEST, { onWait: () => waits.push('waits') });
  await blob?.write(Buffer.from(WHOLE));
  await blob?.commit({ digest: DIGEST });
  expect([await second, waits]).toEqual([undefined, ['waits']]);
});

test('who gives up in the middle lets the next one go on', async () => {
  const store = await temporaryStore();
  const abort = new AbortController();
  const blob = await store.blobs.receive(DIGEST, { signal: abort.signal });
  await blob?.write(Buffer.from('the first half,'));
  abort.abort();
  await expect(blob?.write(Buffer.from('x'))).rejects.toMatchObject({ code: 'CANCELLED' });
  await blob?.keep();
  expect(await receivePart(store, '')).toBe(15);
});

test('a sha512 digest is proved as well', async () => {
  const store = await temporaryStore();
  const digest: Digest = `sha512:${createHash('sha512').update(WHOLE).digest('hex')}`;
  await receivePart(store, 'the first half,', digest);
  const blob = await store.blobs.receive(digest);
  await blob?.write(Buffer.from(' the second half'));
  expect(await blob?.commit({ digest })).toEqual({ digest, sizeBytes: WHOLE.length });
  expect(await textOf(store.blobs.open(digest))).toBe(WHOLE);
});

test('a prune removes parts that nobody receives, and no other', async () => {
  const store = await temporaryStore();
  await receivePart(store, 'idle');
  const digest = digestOf('running');
  const running = await store.blobs.receive(digest);
  await running?.write(Buffer.from('run'));
  expect(await store.prune(pruneAll)).toMatchObject({ blobs: 0, freedBytes: 4 });
  expect(partials(store)).toEqual([`partial.${digest.replace(':', '.')}`]);
  await running?.write(Buffer.from('ning'));
  expect(await running?.commit({ digest })).toMatchObject({ digest });
});

test('parts that nobody went on with for long go when the store is opened', async () => {
  const store = await temporaryStore();
  await receivePart(store, 'old');
  await receivePart(store, 'young', digestOf('young one'));
  const old = join(store.root, 'ingest', `partial.${DIGEST.replace(':', '.')}`);
  utimesSync(old, 0, 0);
  const other = await temporaryStore({ root: store.root });
  expect(partials(other)).toEqual([`partial.${digestOf('young one').replace(':', '.')}`]);
});
