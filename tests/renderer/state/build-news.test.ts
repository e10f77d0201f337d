import { expect, test } from 'vitest';
import { newsOf } from '../../../src-renderer/state/build-news.ts';
import { BuildRun } from '../../../src-renderer/state/build-run.svelte.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { EngineApi } from '../../../src-main/contract/engine-api.ts';
import { fakeEngine } from '../support/fake-engine.ts';

const ID = '0000000000000001';

/** A build that ended so long after its beginning. */
async function ended(afterMs: number, run: EngineApi['builds']['run']): Promise<BuildRun> {
  const build = new BuildRun();
  const told: EngineApi['builds']['run'] = (params, options) => {
    options?.onProgress?.({ type: 'record', id: ID });
    return run(params, options);
  };
  await build.start(fakeEngine({ builds: { run: told } }).api, { context: '/' });
  build.endedAt = build.startedAt + afterMs;
  return build;
}

const fails = () => Promise.reject(new EngineError('BUILD_FAILED', 'RUN make: exit code 2\nand more'));
const cancelled = () => Promise.reject(new EngineError('CANCELLED', 'the build was cancelled'));
const builds = () =>
  Promise.resolve({
    imageId: `sha256:${'a'.repeat(64)}`,
    digest: `sha256:${'b'.repeat(64)}`,
    mediaType: '',
    platform: { os: 'linux', architecture: 'amd64' },
    tags: ['app:1'],
    moved: [],
    sizeBytes: 1,
    durationMs: 1,
    steps: { ran: 3, cached: 2 },
  } as const) as unknown as ReturnType<EngineApi['builds']['run']>;

test('a long build is told of, how it ended and how long it took', async () => {
  expect(newsOf(await ended(12_000, builds))).toEqual({
    title: 'app:1 is built',
    body: 'In 12 s: 3 steps ran, 2 came from the cache.',
    build: ID,
  });
  expect(newsOf(await ended(75_000, fails))).toEqual({
    title: 'The build failed',
    body: 'After 1 m 15 s: RUN make: exit code 2',
    build: ID,
  });
});

test('a short build and a cancelled one are not told of', async () => {
  expect([newsOf(await ended(9000, builds)), newsOf(await ended(60_000, cancelled))]).toEqual([
    undefined,
    undefined,
  ]);
});
