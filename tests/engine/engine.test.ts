import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { openEngine } from '../../src-main/engine/engine.ts';

test('an engine closes in order at any moment while it still finds out what works here', async () => {
  const folder = await mkdtemp(join(tmpdir(), 'varve-engine-'));
  try {
    for (let turns = 0; turns < 60; turns += 10) {
      const engine = await openEngine({ root: join(folder, String(turns)), version: '0' });
      const status = engine.api.store.status({});
      const usage = engine.api.store.diskUsage({});
      for (let turn = 0; turn < turns; turn += 1) await new Promise((done) => setImmediate(done));
      await engine.close();
      expect(await status).toMatchObject({ version: '0', runningBuilds: 0 });
      await usage.catch(() => undefined);
    }
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
});
