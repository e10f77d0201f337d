import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { isEngineError } from '../../../src-main/contract/errors.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { faultyFileSystem } from './faulty-file-system.ts';
import { blobsOf, pruneAll, putTagged, temporaryFolder } from './store-fixture.ts';

function systemError(code: string): () => never {
  return () => {
    throw Object.assign(new Error(`${code}: made by the test, open '/secret/path'`), { code });
  };
}

const operations: Readonly<Record<string, (store: Store) => Promise<unknown>>> = {
  put: (store) => putTagged(store, 'app:2', 'new'),
  receive: (store) => receiveInTwoParts(store),
  prune: (store) => store.prune({ ...pruneAll, graceMs: 0 }),
};

/** As a pull that is interrupted does: from where the bytes end that are there. */
async function receiveInTwoParts(store: Store): Promise<void> {
  const whole = 'one and two';
  for (const end of [7, whole.length]) {
    const blob = await store.blobs.receive(digestOf(whole));
    try {
      await blob?.write(Buffer.from(whole.slice(blob.sizeBytes, end)));
      if (end === whole.length) await blob?.commit({ digest: digestOf(whole) });
    } finally {
      await blob?.keep();
    }
  }
}

/** Runs an operation in which call number `at` fails; answers what it rejected with. */
async function runWithFault(operation: string, code: string, at: number): Promise<unknown> {
  const root = join(temporaryFolder(), 'store');
  const faults = faultyFileSystem();
  const store = await openStore({ root, fileSystem: faults.fileSystem });
  await putTagged(store, 'app:1', 'old');
  await store.blobs.put(Buffer.from('orphan'));
  faults.arm(at, systemError(code));
  const error: unknown = await operations[operation]?.(store).then(
    () => (faults.calls() < at ? 'not reached' : undefined),
    (reason: unknown) => reason,
  );
  faults.arm(0, () => undefined);
  await expectSound(store);
  await store.close();
  return error;
}

/** The same process goes on with the same open store (R15). */
async function expectSound(store: Store): Promise<void> {
  expect((await store.verify({})).broken).toEqual([]);
  const tags = store.tags.list().map((tag) => tag.name);
  await store.prune({ ...pruneAll, graceMs: 0 });
  expect(await blobsOf(store)).toHaveLength(3 * tags.length);
  await putTagged(store, 'app:3', 'later');
  expect((await store.verify({})).broken).toEqual([]);
}

test.each([
  ['put', 'ENOSPC', 'NO_SPACE'],
  ['receive', 'ENOSPC', 'NO_SPACE'],
  ['prune', 'EACCES', 'PERMISSION'],
])(
  '%s with %s at every call says so and leaves the store sound',
  async (operation, code, expected) => {
    for (let at = 1; ; at++) {
      const error = await runWithFault(operation, code, at);
      if (error === 'not reached') {
        expect(at).toBeGreaterThan(10);
        return;
      }
      if (error !== undefined) {
        expect(isEngineError(error) ? error.code : error).toBe(expected);
        expect(String(error)).not.toContain('/secret/path');
      }
    }
  },
  300_000,
);

test('a blob whose sync failed is not trusted, and putting it again works', async () => {
  const root = join(temporaryFolder(), 'store');
  const faults = faultyFileSystem();
  const store = await openStore({ root, fileSystem: faults.fileSystem });
  const ingest = await store.blobs.ingest();
  await ingest.write(Buffer.from('hello'));
  faults.arm(2, systemError('EIO'));
  await expect(ingest.commit()).rejects.toMatchObject({ code: 'IO' });
  expect(await blobsOf(store)).toEqual([]);
  expect(readdirSync(join(root, 'blobs/sha256'))).toEqual([]);
  expect(await store.blobs.put(Buffer.from('hello'))).toMatchObject({ sizeBytes: 5 });
  await store.close();
});
