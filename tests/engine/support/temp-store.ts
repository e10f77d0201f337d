import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';

/** A folder that is removed when the test has finished. */
export async function tempFolder(): Promise<string> {
  const folder = await mkdtemp(join(tmpdir(), 'varve-test-'));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** An empty store that is closed and removed when the test has finished. */
export async function tempStore(): Promise<Store> {
  const store = await openStore({ root: join(await tempFolder(), 'store') });
  onTestFinished(() => store.close());
  return store;
}
