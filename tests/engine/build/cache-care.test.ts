import { describe, expect, test } from 'vitest';
import { createCacheCalls } from '../../../src-main/engine/api/cache-calls.ts';
import { collectCache } from '../../../src-main/engine/build/cache/collect-cache.ts';
import { listCache } from '../../../src-main/engine/build/cache/list-cache.ts';
import { writeCacheLimits } from '../../../src-main/engine/build/cache/cache-limits.ts';
import type { KeptCacheMount } from '../../../src-main/engine/sandbox/sandbox.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { tempStore } from '../support/temp-store.ts';
import { openBuildBench, type BuildBench } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

const STAGES = `FROM scratch AS tools
COPY big /big
FROM scratch
COPY --from=tools /big/a /a
`;

/** An image of one layer, whose other stage's layer only the cache needs. */
async function openProject(store?: Store): Promise<BuildBench> {
  const files = { Dockerfile: STAGES, 'big/a': 'a'.repeat(1000), 'big/b': 'not in the image' };
  const bench = await openBuildBench(files, { store: store ?? (await tempStore()) });
  await bench.build({ tags: ['app:1'] });
  return bench;
}

function callsOf(bench: BuildBench, mounts: readonly KeptCacheMount[] = []) {
  const cacheBytes = async () => (await bench.store.diskUsage()).cacheBytes;
  return createCacheCalls({ ...partsOf(bench, mounts), cacheBytes });
}

/** A store, and a sandbox with these cache mounts: one that is used stays. */
function partsOf({ store }: BuildBench, mounts: readonly KeptCacheMount[] = []) {
  let kept = mounts;
  const removeCacheMount = (id: string): Promise<number> => {
    const mount = kept.find((one) => one.id === id && !one.inUse);
    kept = kept.filter((one) => one !== mount);
    return Promise.resolve(mount?.bytes ?? 0);
  };
  const cacheMounts = () => Promise.resolve(kept);
  return { store, sandbox: { ...scriptedSandbox(store), cacheMounts, removeCacheMount } };
}

/** The instructions of what is listed, with what removing each frees. */
function listed(store: Store): readonly string[] {
  return listCache(store).map(({ description, freesBytes, images, hits }) => {
    return `${description} frees ${freesBytes > 0 ? 'it' : 'nothing'}, used ${hits} times, by ${images.join()}`;
  });
}

describe('the cache lists', () => {
  test('each layer with its instruction, its hits, and what removing it frees', async () => {
    const bench = await openProject();
    await bench.build({ tags: ['app:1'] });
    expect(listed(bench.store).toSorted()).toEqual([
      'COPY --from=tools /big/a /a frees nothing, used 1 times, by docker.io/library/app:1',
      'COPY big /big frees it, used 1 times, by ',
    ]);
  });

  test('bytes that add up to what the store says of its cache', async () => {
    const bench = await openProject();
    const { entries, otherBytes } = await callsOf(bench).list({});
    const own = entries.filter(({ images }) => images.length === 0);
    const sum = own.reduce((bytes, { sizeBytes }) => bytes + sizeBytes, otherBytes);
    expect(sum).toBe((await bench.store.diskUsage()).cacheBytes);
  });
});

describe('removing', () => {
  test('frees what it said, and leaves an image as it is', async () => {
    const bench = await openProject();
    const calls = callsOf(bench);
    const { entries } = await calls.list({});
    const ids = entries.map(({ id }) => id);
    const expected = { entries: 2, freedBytes: entries.reduce((sum, { freesBytes }) => sum + freesBytes, 0) };
    expect(await calls.remove({ ids })).toEqual(expected);
    expect(await calls.list({})).toMatchObject({ entries: [] });
    expect((await bench.store.verify({})).broken).toEqual([]);
    expect((await bench.build({ tags: ['app:1'] })).result.steps).toEqual({ ran: 2, cached: 0 });
  });

  test.for([
    ['a lease', (store: Store, id: Parameters<Store['blobs']['has']>[0]) => store.lease('a build').add([id])],
    [
      'a record of another kind',
      (store: Store, id: Parameters<Store['blobs']['has']>[0]) =>
        store.records.put('failed', 'k', Buffer.from('v'), [id]),
    ],
  ] as const)('leaves what %s needs', async ([, hold]) => {
    const bench = await openProject();
    const tools = listCache(bench.store).find(({ freesBytes }) => freesBytes > 0);
    if (tools === undefined) throw new Error('nothing to free');
    hold(bench.store, tools.id);
    expect(listCache(bench.store).find(({ id }) => id === tools.id)).toMatchObject({
      freesBytes: 0,
      inUse: true,
    });
    expect(await callsOf(bench).remove({ ids: [tools.id] })).toEqual({ entries: 1, freedBytes: 0 });
    expect(await bench.store.blobs.has(tools.id)).toBe(true);
  });

  test('leaves what undoing a tag would bring back', async () => {
    const bench = await openProject();
    const [layer] = (await bench.build({ tags: ['app:1'] })).image.layers;
    await bench.write({ 'big/a': 'other' });
    await bench.build({ tags: ['app:1'] });
    await callsOf(bench).prune({});
    expect(await bench.store.blobs.has(layer?.descriptor.digest ?? 'sha256:')).toBe(true);
  });
});

const DAY_MS = 24 * 60 * 60 * 1000;

describe('the limits', () => {
  test('keep what was used last, of what only the cache needs', async () => {
    const bench = await openProject();
    await bench.write({ 'big/b': 'a newer one' });
    await bench.build({ tags: ['app:1'] });
    const newest = listCache(bench.store).find(({ freesBytes }) => freesBytes > 0);
    await writeCacheLimits(bench.store.root, { maxBytes: newest?.sizeBytes ?? 0, maxAgeMs: null });
    await collectCache(partsOf(bench), { nowMs: Date.now() });
    const left = listCache(bench.store);
    expect(left.filter(({ freesBytes }) => freesBytes > 0)).toEqual([newest]);
    expect(left.some(({ images }) => images.length > 0)).toBe(true);
  });

  test('let go of what was not used for so long, and of notes about it', async () => {
    const bench = await openProject();
    const before = bench.store.records.keys('build-cache-seen').length;
    await writeCacheLimits(bench.store.root, { maxBytes: null, maxAgeMs: DAY_MS });
    await collectCache(partsOf(bench), { nowMs: Date.now() + DAY_MS / 2 });
    expect(listCache(bench.store)).toHaveLength(2);
    expect(bench.store.records.keys('build-cache-seen')).toHaveLength(before);
    await collectCache(partsOf(bench), { nowMs: Date.now() + 2 * DAY_MS });
    expect(listCache(bench.store).map(({ description }) => description)).toEqual([
      'COPY --from=tools /big/a /a',
    ]);
    expect(bench.store.records.keys('build-cache-seen')).toEqual([]);
  });

  test('count cache mounts with the layers: the longest unused go, one that is in use never does', async () => {
    const bench = await openProject();
    const now = Date.now();
    const mount = (id: string, daysAgo: number, inUse = false): KeptCacheMount => {
      return { id, name: id, bytes: 1000, lastUsedMs: now - daysAgo * DAY_MS, inUse };
    };
    // The layer that only the cache needs was used just now.
    const mounts = [mount('used', 9, true), mount('new', 1), mount('old', 2), mount('oldest', 3)];
    const layerBytes = listCache(bench.store).reduce((sum, { freesBytes }) => sum + freesBytes, 0);
    const limits = { maxBytes: layerBytes + 2000 };
    const parts = partsOf(bench, mounts);
    const foreseen = await callsOf(bench, mounts).prune({ ...limits, dryRun: true });
    await writeCacheLimits(bench.store.root, { ...limits, maxAgeMs: null });
    expect(await collectCache(parts, { nowMs: now })).toEqual(foreseen);
    expect(foreseen).toEqual({ entries: 2, freedBytes: 2000 });
    expect((await parts.sandbox.cacheMounts()).map(({ id }) => id)).toEqual(['used', 'new']);
    expect(listCache(bench.store)).toHaveLength(2);
    await writeCacheLimits(bench.store.root, { maxBytes: null, maxAgeMs: DAY_MS / 2 });
    expect(await collectCache(parts, { nowMs: now })).toEqual({ entries: 1, freedBytes: 1000 });
    expect((await parts.sandbox.cacheMounts()).map(({ id }) => id)).toEqual(['used']);
  });

  test('prune everything that the list says it frees', async () => {
    const bench = await openProject();
    const mounts = [{ id: 'm', name: 'm', bytes: 500, lastUsedMs: 0, inUse: false }];
    const calls = callsOf(bench, mounts);
    const { entries } = await calls.list({});
    const freedBytes = entries.reduce((sum, { freesBytes }) => sum + freesBytes, 500);
    expect(await calls.prune({ dryRun: true })).toEqual({ entries: 2, freedBytes });
    expect(await calls.prune({})).toEqual({ entries: 2, freedBytes });
    expect((await calls.list({})).mounts).toEqual([]);
  });

  test('are kept, and the defaults are a share of the disk', async () => {
    const calls = callsOf(await openProject());
    const defaults = await calls.limits({});
    expect(defaults).toMatchObject({ isDefault: true, maxAgeMs: 30 * DAY_MS });
    const limits = { maxBytes: 5, maxAgeMs: null };
    expect(await calls.setLimits({ limits })).toEqual({ ...limits, isDefault: false });
    expect(await calls.limits({})).toEqual({ ...limits, isDefault: false });
    expect(await calls.setLimits({})).toEqual(defaults);
  });
});

test('trimming keeps the small records that were used last', async () => {
  const store = await tempStore();
  for (const key of ['a', 'b', 'c']) store.records.put('note', key, Buffer.alloc(100));
  store.records.get('note', 'a');
  store.records.trim({ usedSinceMs: 0, maxBytes: 250 });
  expect(store.records.keys('note')).toEqual(['c', 'a']);
});
