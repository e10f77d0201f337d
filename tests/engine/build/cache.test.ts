import { rename, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { openBuildBench, outcomes, textOf, type BuildBench } from './build-fixture.ts';
import { settle } from './settle.ts';

const DOCKERFILE =
  'FROM scratch\nARG VERSION=1\nCOPY src /src\nCOPY config /config\nLABEL version=$VERSION\n';

async function openProject(): Promise<BuildBench> {
  return openBuildBench({
    Dockerfile: DOCKERFILE,
    'src/a.txt': 'a',
    'src/b.txt': 'b',
    'config/c.json': '{}',
  });
}

describe('an unchanged rebuild', () => {
  test('gives the same digest from the cache and moves no tag', async () => {
    const bench = await openProject();
    const first = await bench.build({ tags: ['app:1'] });
    const second = await bench.build({ tags: ['app:1'] });
    expect(second.result.digest).toBe(first.result.digest);
    expect(second.result.moved).toEqual([]);
    expect(second.result.steps).toEqual({ ran: 0, cached: 2 });
    expect(bench.store.tags.history()).toHaveLength(1);
  });

  test('opens no file of the context for reading', async () => {
    const bench = await openProject();
    await settle();
    await bench.build();
    expect(bench.read.toSorted()).toEqual(['config/c.json', 'src/a.txt', 'src/b.txt']);
    bench.read.length = 0;
    await bench.build();
    expect(bench.read).toEqual([]);
  });

  test('reads a file again that could have changed since it was recorded', async () => {
    const bench = await openProject();
    await bench.build();
    bench.read.length = 0;
    const { result } = await bench.build();
    expect(result.steps).toEqual({ ran: 0, cached: 2 });
    expect(bench.read).not.toEqual([]);
  });
});

describe('the cache goes by content', () => {
  test('a file that was only touched is the same file', async () => {
    const bench = await openProject();
    const first = await bench.build();
    await utimes(join(bench.context, 'src/a.txt'), 1, 1);
    const second = await bench.build();
    expect(second.result.digest).toBe(first.result.digest);
  });

  test('a change of equal length and time is seen', async () => {
    const bench = await openProject();
    await utimes(join(bench.context, 'src/a.txt'), 1, 1);
    await settle();
    await bench.build();
    await writeFile(join(bench.context, 'new'), 'A');
    await utimes(join(bench.context, 'new'), 1, 1);
    await rename(join(bench.context, 'new'), join(bench.context, 'src/a.txt'));
    const { rootFs } = await bench.build();
    expect(await textOf(rootFs, '/src/a.txt')).toBe('A');
  });

  test('going back to an earlier content finds the earlier layer', async () => {
    const bench = await openProject();
    const first = await bench.build();
    await bench.write({ 'src/a.txt': 'other' });
    await bench.build();
    await bench.write({ 'src/a.txt': 'a' });
    const third = await bench.build();
    expect(third.result.digest).toBe(first.result.digest);
    expect(third.result.steps).toEqual({ ran: 0, cached: 2 });
  });

  test('--no-cache makes every layer anew', async () => {
    const bench = await openProject();
    await bench.build();
    const { events } = await bench.build({ noCache: true });
    expect(outcomes(events)).toEqual([
      '0.1 ran: the cache was not asked (--no-cache)',
      '0.2 ran: the cache was not asked (--no-cache)',
    ]);
  });

  test('--no-cache-filter tells of a name that no stage has', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch AS Tools\nCOPY f /f\n', f: '1' });
    const { events } = await bench.build({ noCacheFilter: ['TOOLS', '0', 'tolls', '7'] });
    const told = events.flatMap((event) => (event.type === 'warning' ? [event.warning.message] : []));
    expect(told.filter((text) => text.startsWith('--no-cache-filter'))).toEqual([
      '--no-cache-filter tolls: no stage has that name',
      '--no-cache-filter 7: no stage has that name',
    ]);
  });

  test('a cache that was pruned is built again', async () => {
    const bench = await openProject();
    const { image } = await bench.build();
    const digest = image.layers[1]?.descriptor.digest;
    await bench.store.prune({ dryRun: false, cache: false, graceMs: 0 });
    expect(await bench.store.blobs.has(digest ?? image.imageId)).toBe(true);
    await bench.store.prune({ dryRun: false, cache: true, graceMs: 0 });
    expect(await bench.store.blobs.has(digest ?? image.imageId)).toBe(false);
    const again = await bench.build();
    expect(again.result.steps).toEqual({ ran: 2, cached: 0 });
  });
});

describe('a step that ran says why', () => {
  test('it never ran before', async () => {
    const bench = await openProject();
    const { events } = await bench.build();
    expect(outcomes(events)).toEqual([
      '0.1 ran: this step has not run before',
      '0.2 ran: this step has not run before',
    ]);
  });

  test('a file changed, was added or removed', async () => {
    const bench = await openProject();
    await bench.build();
    await bench.write({ 'src/b.txt': 'changed' });
    const changed = await bench.build();
    await bench.write({ 'src/new.txt': 'new' });
    const added = await bench.build();
    expect([outcomes(changed.events), outcomes(added.events)]).toEqual([
      ['0.1 ran: src/b.txt changed', '0.2 ran: COPY src /src (line 3) gave another result'],
      ['0.1 ran: src/new.txt added', '0.2 ran: COPY src /src (line 3) gave another result'],
    ]);
  });

  test('an argument has another value', async () => {
    const bench = await openBuildBench({
      Dockerfile: 'FROM scratch\nARG VERSION=1\nCOPY <<EOF /version\n$VERSION\nEOF\n',
    });
    await bench.build();
    const { events } = await bench.build({ buildArgs: { VERSION: '2' } });
    expect(outcomes(events)).toEqual(['0.1 ran: ARG VERSION 1 -> 2']);
  });

  test('the instruction is another', async () => {
    const bench = await openProject();
    await bench.build();
    await bench.write({ Dockerfile: DOCKERFILE.replace('/config', '/etc') });
    const { events } = await bench.build();
    expect(outcomes(events)).toEqual(['0.1 cached', '0.2 ran: the instruction was COPY config /config']);
  });

  test('the base moved', async () => {
    const bench = await openProject();
    const base = await bench.build({ tags: ['base:1'] });
    await bench.write({ 'Dockerfile.app': 'FROM base:1\nCOPY config /more\n' });
    const app = { dockerfile: join(bench.context, 'Dockerfile.app') };
    await bench.build(app);
    await bench.write({ 'src/a.txt': 'moved' });
    const moved = await bench.build({ tags: ['base:1'] });
    const { events } = await bench.build(app);
    const short = (digest: string) => `${digest.slice(0, 19)}…`;
    const text = `base base:1 moved ${short(base.result.digest)} -> ${short(moved.result.digest)}`;
    expect(outcomes(events)).toEqual(['0.0 cached', `0.1 ran: ${text}`]);
    expect(moved.result.moved).toEqual([{ name: 'base:1', from: base.result.digest }]);
  });
});
