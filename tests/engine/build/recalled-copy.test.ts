import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBuildBench, textOf, type BuildBench } from './build-fixture.ts';
import { settle } from './settle.ts';

/** A project that was built once, of whose files nothing is kept but the keys of its copies. */
async function openBuilt(dockerfile: string): Promise<BuildBench> {
  const bench = await openBuildBench({ Dockerfile: dockerfile, 'src/a.txt': 'a', 'src/b.txt': 'b' });
  await settle();
  await bench.build();
  for (const key of bench.store.records.keys('stat-cache')) bench.store.records.delete('stat-cache', key);
  bench.read.length = 0;
  return bench;
}

describe('a copy of a context in which nothing has changed', () => {
  test('is found without looking into any file', async () => {
    const bench = await openBuilt('FROM scratch\nCOPY src /src\nCOPY src/a.txt /a\n');
    const { result } = await bench.build();
    expect(result.steps).toEqual({ ran: 0, cached: 2 });
    expect(bench.read).toEqual([]);
  });

  test('is another one with another owner, source or destination', async () => {
    const dockerfile =
      'FROM scratch\nARG FROM=src\nARG TO=/src\nARG OWNER=0\nCOPY --chown=$OWNER $FROM $TO\n';
    const bench = await openBuilt(dockerfile);
    const build = async (buildArgs: Record<string, string>) => {
      const { result, rootFs } = await bench.build({ buildArgs });
      return { ...result.steps, a: await textOf(rootFs, '/src/a.txt'), uid: rootFs.stat('/src')?.entry.uid };
    };
    expect([
      await build({}),
      await build({ OWNER: '5' }),
      await build({ FROM: 'src/a.txt', TO: '/src/' }),
      await build({ TO: '/other' }),
      await build({}),
    ]).toEqual([
      { ran: 0, cached: 1, a: 'a', uid: 0 },
      { ran: 1, cached: 0, a: 'a', uid: 5 },
      { ran: 1, cached: 0, a: 'a', uid: 0 },
      { ran: 1, cached: 0, a: 'no /src/a.txt', uid: undefined },
      { ran: 0, cached: 1, a: 'a', uid: 0 },
    ]);
  });

  test('is made again when its layer is gone', async () => {
    const bench = await openBuilt('FROM scratch\nCOPY src /src\n');
    await bench.store.prune({ dryRun: false, cache: true, graceMs: 0 });
    const { result, rootFs } = await bench.build();
    expect(result.steps).toEqual({ ran: 1, cached: 0 });
    expect(await textOf(rootFs, '/src/b.txt')).toBe('b');
  });

  test('is another one as soon as a file is changed, added or gone', async () => {
    const bench = await openBuilt('FROM scratch\nCOPY src /src\n');
    const build = async () => {
      const { result, rootFs } = await bench.build();
      return {
        ...result.steps,
        files: await Promise.all(['a', 'b', 'c'].map((name) => textOf(rootFs, `/src/${name}.txt`))),
      };
    };
    await bench.write({ 'src/b.txt': 'B' });
    const changed = await build();
    await bench.write({ 'src/c.txt': 'c' });
    const added = await build();
    await rm(join(bench.context, 'src/a.txt'));
    const removed = await build();
    expect([changed, added, removed]).toEqual([
      { ran: 1, cached: 0, files: ['a', 'B', 'no /src/c.txt'] },
      { ran: 1, cached: 0, files: ['a', 'B', 'c'] },
      { ran: 1, cached: 0, files: ['no /src/a.txt', 'B', 'c'] },
    ]);
  });
});
