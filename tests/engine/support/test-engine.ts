import { join } from 'node:path';
import { onTestFinished } from 'vitest';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import { openEngine } from '../../../src-main/engine/engine.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { tempFolder } from './temp-store.ts';

/** An engine on an empty store, and that store to fill and to look into. */
export interface TestEngine {
  readonly api: EngineApi;
  readonly store: Store;
}

/**
 * Both are closed, and their folder removed, when the test has finished. The user's folders are an empty one, with no
 * login in it, so that nothing of this machine counts.
 */
export async function testEngine(): Promise<TestEngine> {
  const home = await tempFolder();
  const root = join(home, 'store');
  const store = await openStore({ root });
  onTestFinished(() => store.close());
  const engine = await openEngine({ root, version: 'test', env: { PATH: process.env['PATH'], HOME: home } });
  onTestFinished(() => engine.close());
  return { api: engine.api, store };
}
