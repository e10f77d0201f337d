import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test } from 'vitest';
import { openTestSandbox } from '../sandbox/open-test-sandbox.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { tempStore } from '../support/temp-store.ts';
import { writeImage } from '../../../src-main/engine/image/write-image.ts';
import { parseReference } from '../../../src-main/engine/oci/reference.ts';
import { openBuildBench, outcomes, textOf } from './build-fixture.ts';

/** The store, which keeps no records of that kind: the disk is full. */
function refusing(store: Store, kind: string): Store {
  const put: Store['records']['put'] = (...given) => {
    if (given[0] === kind) throw new EngineError('NO_SPACE', 'the disk is full');
    store.records.put(...given);
  };
  const records = new Proxy(store.records, {
    get: (target, name: keyof Store['records']) => (name === 'put' ? put : target[name].bind(target)),
  });
  return new Proxy(store, {
    get: (target, name: keyof Store) => {
      const own: unknown = name === 'records' ? records : Reflect.get(target, name, target);
      return typeof own === 'function' ? (own.bind(target) as unknown) : own;
    },
  });
}

test('what explains the next build may be lost: a build neither fails for it, nor hides why it failed', async () => {
  const store = refusing(await tempStore(), 'build-steps');
  const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY f /\n', f: 'f' }, { store });
  expect((await bench.build()).result.steps).toEqual({ ran: 1, cached: 0 });
  await bench.write({ Dockerfile: 'FROM scratch\nCOPY f /\nCOPY nope /\n' });
  await expect(bench.build()).rejects.toMatchObject({ code: 'NOT_FOUND' });
});

describe('a build that cannot be', () => {
  test.for([
    ['without a Dockerfile', {}, { code: 'NOT_FOUND' }],
    ['with an unknown instruction', { Dockerfile: 'FROM scratch\nCOPPY a /\n' }, { code: 'DOCKERFILE' }],
    [
      'that copies what is not there',
      { Dockerfile: 'FROM scratch\n\nCOPY nope /\n' },
      { code: 'NOT_FOUND', message: 'nope is not in the build context', location: { line: 3 } },
    ],
    [
      'of stages that need each other',
      { Dockerfile: 'FROM scratch AS a\nCOPY --from=b /x /\nFROM scratch AS b\nCOPY --from=a /x /\n' },
      { code: 'DOCKERFILE', message: 'circular dependency of stages: b needs a needs b' },
    ],
  ] as const)('%s says what and where, and moves no tag', async ([, files, expected]) => {
    const bench = await openBuildBench(files as Record<string, string>);
    await expect(bench.build({ tags: ['app'] })).rejects.toMatchObject(expected);
    expect([bench.store.tags.list(), bench.store.images.list()]).toEqual([[], []]);
  });

  test('from a missing base names the images that are near', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nLABEL a=b\n' });
    await bench.build({ tags: ['python:3.12'] });
    await bench.write({ Dockerfile: 'FROM pyton:3.12\n' });
    await expect(bench.build()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'the image pyton:3.12 is not in the store: there is nowhere to pull it from',
      hint: expect.stringContaining('python:3.12') as string,
      location: { file: 'Dockerfile', line: 1 },
    });
  });

  test.for([
    ['FROM scratch AS build\nFROM bulid\n', 'Did you mean build?', 2, 6, 11],
    ['FROM scrath\n', 'Did you mean scratch?', 1, 6, 12],
    ['FROM scratch AS build\nFROM scratch\nCOPY --from=bulid /x /\n', 'Did you mean build?', 3, 13, 18],
    [
      'FROM scratch AS build\nFROM scratch\nRUN --mount=from=bulid,target=/x y\n',
      'Did you mean build?',
      3,
      18,
      23,
    ],
  ] as const)(
    'for a slip in a name asks for the stage: %j',
    async ([text, hint, line, column, endColumn]) => {
      const bench = await openBuildBench({ Dockerfile: text });
      await expect(bench.build()).rejects.toMatchObject({
        code: 'NOT_FOUND',
        hint,
        location: { file: 'Dockerfile', line, column, endLine: line, endColumn },
        excerpt: text.split('\n')[line - 1],
      });
    },
  );

  test('for a pattern that is none points into the ignore file', async () => {
    const bench = await openBuildBench({
      Dockerfile: 'FROM scratch\nCOPY a /\n',
      a: '',
      '.dockerignore': '# ours\nb\n[c\n',
    });
    await expect(bench.build()).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      location: { file: '.dockerignore', line: 3, column: 1, endLine: 3, endColumn: 3 },
      excerpt: '[c',
    });
  });

  test('of no folder is refused', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\n' });
    await expect(bench.build({ context: join(bench.context, 'Dockerfile') })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    });
  });

  test('that was cancelled before it began does nothing', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\n' });
    await expect(bench.build({}, AbortSignal.abort())).rejects.toMatchObject({ code: 'CANCELLED' });
  });
});

describe.skipIf(process.platform !== 'linux')('RUN', () => {
  async function openRunBench(dockerfile: string) {
    const tested = await openTestSandbox();
    onTestFinished(() => tested.close());
    const bench = await openBuildBench({ Dockerfile: dockerfile }, tested);
    const image = await writeImage(tested.store, {
      config: {
        architecture: 'amd64',
        os: 'linux',
        config: { Env: ['PATH=/bin'] },
        rootfs: { type: 'layers', diff_ids: [tested.base.diffId] },
        history: [{ created_by: 'base' }],
      },
      layers: [tested.base],
    });
    tested.store.tags.move([{ reference: parseReference('base'), digest: image.descriptor.digest }], 'build');
    return bench;
  }

  test('sees arguments, variables and earlier layers, and comes from the cache the next time', async () => {
    const bench = await openRunBench(
      'FROM base\nARG A=1\nENV B=2\nWORKDIR /w\nRUN echo "$A $B $(pwd)" > out\nRUN cat out > copy\n',
    );
    const first = await bench.build();
    const second = await bench.build();
    expect(await textOf(first.rootFs, '/w/copy')).toBe('1 2 /w\n');
    expect(second.result.digest).toBe(first.result.digest);
    expect(outcomes(second.events)).toEqual(['0.0 cached', '0.1 cached', '0.2 cached', '0.3 cached']);
  });

  test('that fails ends the build with its exit code and last lines, and moves no tag', async () => {
    const bench = await openRunBench('FROM base\nRUN echo first; echo second >&2; exit 7\n');
    await expect(bench.build({ tags: ['app'] })).rejects.toMatchObject({
      code: 'BUILD_FAILED',
      message: 'RUN echo first; echo second >&2; exit 7: exit code 7',
      hint: expect.stringContaining('second') as string,
      location: { file: 'Dockerfile', line: 2 },
    });
    expect(bench.store.tags.get(parseReference('app'))).toBeUndefined();
  });

  test('that is cancelled ends at once and leaves nothing', async () => {
    const bench = await openRunBench('FROM base\nRUN echo started; while true; do :; done\n');
    const abort = new AbortController();
    const building = bench.build({ tags: ['app'] }, abort.signal, (event) => {
      if (event.type === 'step-output') abort.abort();
    });
    await expect(building).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(bench.store.tags.get(parseReference('app'))).toBeUndefined();
    expect(await readdir(join(bench.store.root, 'ingest'))).toEqual([]);
  });

  test('mounts the context without what the ignore file leaves out', async () => {
    const bench = await openRunBench('FROM base\nRUN --mount=target=/c ls -A /c > /list\n');
    await bench.write({ '.dockerignore': 'secret\n', secret: 's', open: 'o' });
    const { rootFs } = await bench.build();
    expect(await textOf(rootFs, '/list')).toBe('.dockerignore\nDockerfile\nopen\n');
  });

  test('reads a secret that no layer holds', async () => {
    const bench = await openRunBench(
      'FROM base\nRUN --mount=type=secret,id=key cat /run/secrets/key | wc -c > /n\n',
    );
    await bench.write({ key: 'hidden' });
    const source = join(bench.context, 'key');
    const { rootFs } = await bench.build({ secrets: [{ id: 'key', source }] });
    await rm(source);
    expect([(await textOf(rootFs, '/n')).trim(), rootFs.stat('/run/secrets/key')]).toEqual(['6', undefined]);
  });
});
