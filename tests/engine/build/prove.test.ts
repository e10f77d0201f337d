import { readdir } from 'node:fs/promises';
import { describe, expect, test } from 'vitest';
import { buildRequestSchema, type BuildRequestInput } from '../../../src-main/contract/builds-api.ts';
import type { RunBuild } from '../../../src-main/engine/build/prove/build-once.ts';
import { compareContent } from '../../../src-main/engine/build/prove/compare-content.ts';
import { compareLayers } from '../../../src-main/engine/build/prove/compare-layers.ts';
import { proveBuild } from '../../../src-main/engine/build/prove/prove-build.ts';
import { runBuild } from '../../../src-main/engine/build/run-build.ts';
import { openLayerWriter } from '../../../src-main/engine/filetree/open-layer-writer.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { createTarEntry, type TarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import { tempStore } from '../support/temp-store.ts';
import { openBuildBench } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

async function prove(dockerfile: string, request: Partial<BuildRequestInput> = {}) {
  const store = await tempStore();
  const sandbox = scriptedSandbox(store);
  const { context } = await openBuildBench({ Dockerfile: dockerfile, file: 'x' }, { store, sandbox });
  const events: string[] = [];
  const instants: string[] = [];
  const result = await proveBuild(
    buildRequestSchema.parse({ context, tags: ['app:1'], ...request }),
    { store, sandbox, log: silentLog },
    {
      onEvent: (build, event) => {
        events.push(`${build} ${event.type}`);
        if ('at' in event) instants.push(event.at);
      },
    },
  );
  return { store, sandbox, result, events, instants };
}

describe('proving a build', () => {
  test('runs everything twice, moves no tag, keeps no image, and says that both are the same', async () => {
    const { store, sandbox, result, events, instants } = await prove(
      'FROM scratch\nCOPY file /\nWORKDIR /w\nRUN write f 1\n',
      {
        reproducible: true,
      },
    );
    expect(instants.filter((at) => Date.parse(at) > Date.now())).toEqual([]);
    expect(result).toEqual({ equal: true, digests: [result.digests[0], result.digests[0]] });
    expect(sandbox.ran).toEqual(['write f 1', 'write f 1']);
    expect([store.tags.list(), store.images.list()]).toEqual([[], []]);
    expect([events[0], events.at(-1)]).toEqual(['1 plan', '2 step-end']);
  });

  test('names the instruction, the file and the byte that differ', async () => {
    const { result } = await prove('FROM scratch\nCOPY file /\nRUN count n\nRUN write f 1\n', {
      reproducible: true,
    });
    expect(result).toMatchObject({
      equal: false,
      difference: {
        layer: 1,
        instruction: 'RUN count n',
        location: { line: 3 },
        path: 'n',
        field: 'content',
        offset: 'command '.length,
        before: '"command 1"',
        after: '"command 3"',
      },
    });
  });

  test('names a time that the engine itself put there', async () => {
    const { result } = await prove('FROM scratch\nCOPY file /\nWORKDIR /w\n');
    expect(result.difference).toMatchObject({
      layer: 1,
      instruction: 'WORKDIR /w',
      path: 'w',
      field: 'mtime',
    });
  });

  test('names a member of the config when the layers are the same', async () => {
    const { result } = await prove('FROM scratch\nCOPY file /\nLABEL a=b\n');
    expect(result.difference).toMatchObject({ field: 'config.created' });
    expect(result.difference?.layer).toBeUndefined();
  });
});

const STAGES = `FROM scratch AS made
RUN write d/same 1
RUN count d/n
FROM scratch AS packed
COPY --from=made /d /p/
FROM scratch
COPY file /
COPY --from=packed /p /q
`;

test('an image whose tag moves between the two builds is named', async () => {
  const store = await tempStore();
  const sandbox = scriptedSandbox(store);
  const files = {
    Old: 'FROM scratch\nCOPY file /\n',
    New: 'FROM scratch\nCOPY file /\nCOPY file /more\n',
    Dockerfile: 'FROM base\nRUN write f 1\n',
    file: 'x',
  };
  const bench = await openBuildBench(files, { store, sandbox });
  const base = (name: string) => ({ dockerfile: `${bench.context}/${name}`, tags: ['base'] });
  const before = (await bench.build(base('Old'))).result.digest;
  const moving: { digest?: string } = {};
  const run: RunBuild = async (...given) => {
    const result = await runBuild(...given);
    moving.digest ??= (await bench.build(base('New'))).result.digest;
    return result;
  };
  const request = buildRequestSchema.parse({ context: bench.context, reproducible: true });
  const result = await proveBuild(request, { store, sandbox, log: silentLog }, { run });
  expect(result).toMatchObject({
    equal: false,
    moved: [{ name: 'base', before, digest: moving.digest }],
    difference: { layer: 1, instruction: 'FROM base', field: 'presence', path: 'f' },
  });
});

test('a build that fails only the second time is told to', async () => {
  const failing = prove('FROM scratch\nRUN fail second\n');
  await expect(failing).rejects.toMatchObject({
    code: 'BUILD_FAILED',
    location: { line: 2 },
    hint: expect.stringMatching(/^This was the second build: .*\nIt wrote nothing/) as string,
  });
  await expect(prove('FROM scratch\nRUN false\n')).rejects.toMatchObject({ hint: 'It wrote nothing.' });
});

/** Without what SQLite keeps beside a database that is open. */
async function filesOf(store: Store): Promise<readonly string[]> {
  const paths = await readdir(store.root, { recursive: true });
  return paths.filter((path) => !/-(?:shm|wal)$/.test(path)).sort();
}

test('nothing that a proof made is left, nor known to the next build', async () => {
  const store = await tempStore();
  const sandbox = scriptedSandbox(store);
  const files = { Dockerfile: 'FROM scratch\nCOPY file /\nWORKDIR /w\nRUN count n\n', file: 'x' };
  const bench = await openBuildBench(files, { store, sandbox });
  await bench.build();
  const before = await filesOf(store);
  const request = buildRequestSchema.parse({ context: bench.context });
  const { equal } = await proveBuild(request, { store, sandbox, log: silentLog });
  expect(equal).toBe(false);
  expect(await filesOf(store)).toEqual(before);
  const { result, events } = await bench.build();
  expect(result.steps).toEqual({ ran: 0, cached: 3 });
  expect(events.filter(({ type }) => type === 'warning')).toEqual([]);
  await bench.write({ file: 'y' });
  const [copied] = (await bench.build()).events.filter((event) => event.type === 'step-end');
  expect(copied).toMatchObject({ outcome: 'ran', reason: { kind: 'file', text: 'file changed' } });
});

test.each(['in the first build', 'between the builds', 'in the second build'])(
  'nothing is left of a proof that is cancelled %s',
  async (when) => {
    const abort = new AbortController();
    const store = await tempStore();
    const sandbox = scriptedSandbox(store, async () => {
      if (when === (sandbox.ran.length === 1 ? 'in the first build' : 'in the second build')) abort.abort();
      await Promise.resolve();
    });
    const { context } = await openBuildBench(
      { Dockerfile: 'FROM scratch\nCOPY file /\nRUN count n\n', file: 'x' },
      { store, sandbox },
    );
    const before = await filesOf(store);
    const request = buildRequestSchema.parse({ context });
    const run: RunBuild = async (...given) => {
      const result = await runBuild(...given);
      if (when === 'between the builds') abort.abort();
      return result;
    };
    const options = { signal: abort.signal, run };
    const proving = proveBuild(request, { store, sandbox, log: silentLog }, options);
    await expect(proving).rejects.toMatchObject({ code: 'CANCELLED' });
    expect(await filesOf(store)).toEqual(before);
  },
);

describe('what COPY took from another stage', () => {
  test('is followed through the stages to the instruction that made it', async () => {
    const { result } = await prove(STAGES, { reproducible: true });
    const { before, after } = result.difference ?? {};
    expect({ before, after }).toEqual({ before: '"command 2"', after: '"command 4"' });
    expect(result.difference).toMatchObject({
      layer: 1,
      stage: 'made',
      instruction: 'RUN count d/n',
      location: { line: 3 },
      path: 'd/n',
      field: 'content',
      copies: [
        { layer: 1, instruction: 'COPY --from=packed /p /q', location: { line: 8 }, path: 'q/n' },
        {
          layer: 0,
          stage: 'packed',
          instruction: 'COPY --from=made /d /p/',
          location: { line: 5 },
          path: 'p/n',
        },
      ],
    });
    expect([result.difference?.copies?.[0]?.stage, result.difference?.earlier]).toEqual([
      undefined,
      undefined,
    ]);
  });

  test('comes with what differed before it in its stage, and where that came from', async () => {
    const { result } = await prove(
      `FROM scratch AS made
RUN count stamp
FROM scratch AS used
COPY --from=made /stamp /s/
RUN count n
FROM scratch
COPY --from=used /n /
`,
      { reproducible: true },
    );
    expect(result.difference).toMatchObject({
      layer: 1,
      instruction: 'RUN count n',
      copies: [{ instruction: 'COPY --from=used /n /' }],
      earlier: {
        layer: 0,
        stage: 'made',
        instruction: 'RUN count stamp',
        path: 'stamp',
        field: 'content',
        copies: [{ layer: 0, stage: 'used', instruction: 'COPY --from=made /stamp /s/', path: 's/stamp' }],
      },
    });
    expect(result.difference?.earlier?.earlier).toBeUndefined();
  });

  test('is told once where each COPY makes the very layer that it took', async () => {
    const { result } = await prove(
      `FROM scratch AS a
RUN count n
FROM scratch AS b
COPY --from=a /n /
FROM scratch AS c
COPY --from=b /n /
FROM scratch
COPY --from=c /n /
`,
      { reproducible: true },
    );
    expect(result.difference).toMatchObject({ layer: 0, stage: 'a', instruction: 'RUN count n', path: 'n' });
    expect(result.difference?.copies?.map(({ instruction, stage }) => [stage, instruction])).toEqual([
      [undefined, 'COPY --from=c /n /'],
      ['c', 'COPY --from=b /n /'],
      ['b', 'COPY --from=a /n /'],
    ]);
  });

  test('is told of the stage that it lies in, not of one with an equal layer', async () => {
    const { result } = await prove(
      `FROM scratch AS base
RUN count n
FROM base AS left
RUN write same 1
RUN write l 1
FROM base AS right
RUN write same 1
RUN write r 1
FROM scratch
COPY --from=right /r /
COPY --from=left /n /
`,
      { reproducible: true },
    );
    expect(result.difference).toMatchObject({ stage: 'base', layer: 0, location: { line: 2 } });
  });

  test('is named where it went, or never came, in one of the builds', async () => {
    const { result } = await prove(
      'FROM scratch AS made\nRUN write d/a 1\nRUN once d/n\nRUN write d/z 1\nFROM scratch\nCOPY --from=made /d /\n',
      { reproducible: true },
    );
    expect(result.difference).toMatchObject({
      layer: 1,
      stage: 'made',
      instruction: 'RUN once d/n',
      path: 'd/n',
      field: 'presence',
      before: 'file',
      after: 'missing',
      copies: [{ layer: 0, path: 'n' }],
    });
  });

  test('is the COPY’s own where the stage has the same', async () => {
    const { result } = await prove(
      'FROM scratch AS made\nCOPY file /f\nFROM scratch\nCOPY --from=made /f /new/f\n',
    );
    expect(result.difference).toMatchObject({
      layer: 0,
      instruction: 'COPY --from=made /f /new/f',
      path: 'new',
      field: 'mtime',
    });
    expect([result.difference?.stage, result.difference?.copies]).toEqual([undefined, undefined]);
  });
});

describe('what a RUN was shown of another stage by a mount', () => {
  const dockerfile = (source: string) => `FROM scratch AS made
RUN count out/d/n
RUN count log
RUN write out/e 1
FROM scratch
RUN --mount=from=made,source=${source},target=/m count copy
`;

  test('is told beside what the RUN made of it', async () => {
    const { result } = await prove(dockerfile('/out'), { reproducible: true });
    expect(result.difference).toMatchObject({
      layer: 0,
      path: 'copy',
      earlier: {
        stage: 'made',
        layer: 0,
        instruction: 'RUN count out/d/n',
        path: 'out/d/n',
        field: 'content',
      },
    });
  });

  test('is not told where it is the same', async () => {
    const { result } = await prove(dockerfile('/out/e'), { reproducible: true });
    expect(result.difference).toMatchObject({ layer: 0, path: 'copy' });
    expect(result.difference?.earlier).toBeUndefined();
  });
});

async function layerOf(
  store: Store,
  entries: readonly (Partial<TarEntry> & Pick<TarEntry, 'path' | 'type'>)[],
) {
  const writer = await openLayerWriter(store, { compression: 'none' });
  for (const entry of entries)
    await writer.add(createTarEntry(entry), entry.type === 'file' ? new Uint8Array() : undefined);
  return writer.commit();
}

describe('the first entry that differs is told by', () => {
  const file = { path: 'a', type: 'file' } as const;
  test.for([
    ['its mode', { ...file, mode: 0o600 }, { field: 'mode', before: '0644', after: '0600' }],
    ['its owner', { ...file, uid: 7 }, { field: 'uid', before: '0', after: '7' }],
    [
      'its type',
      { ...file, type: 'directory', mode: 0o644 },
      { field: 'type', before: 'file', after: 'directory' },
    ],
    [
      'its time',
      { ...file, mtime: 1 },
      { field: 'mtime', before: '1970-01-01T00:00:00.000Z', after: '1970-01-01T00:00:01.000Z' },
    ],
    [
      'an attribute',
      { ...file, xattrs: new Map([['user.a', Buffer.from('b')]]) },
      { field: 'xattrs', before: '', after: 'user.a=62' },
    ],
  ] as const)('%s', async ([, changed, expected]) => {
    const store = await tempStore();
    const last = { path: 'z', type: 'file', mode: 0o700 } as const;
    const [before, after] = [
      await layerOf(store, [file, last]),
      await layerOf(store, [changed, file, last].slice(0, 1)),
    ];
    expect(await compareLayers(store, before, after, {})).toEqual({ path: 'a', ...expected });
  });

  test('its being there at all', async () => {
    const store = await tempStore();
    const [one, two] = [
      await layerOf(store, [file]),
      await layerOf(store, [file, { path: 'b', type: 'directory' }]),
    ];
    expect(await compareLayers(store, one, two, {})).toEqual({
      path: 'b',
      field: 'presence',
      before: 'missing',
      after: 'directory',
    });
    expect(await compareLayers(store, two, two, {})).toBeUndefined();
  });
});

describe('contents are compared across pieces of any size', () => {
  async function* pieces(text: string, size: number): AsyncGenerator<Uint8Array> {
    for (let at = 0; at < text.length; at += size)
      yield await Promise.resolve(Buffer.from(text.slice(at, at + size)));
  }

  test.for([
    ['0123456789'.repeat(20), `${'0123456789'.repeat(15)}x${'0123456789'.repeat(5).slice(1)}`, 150],
    ['abc', 'abcd', 3],
    ['', 'a', 0],
  ] as const)('%# %s', async ([a, b, offset]) => {
    expect(await compareContent(pieces(a, 7), pieces(b, 11))).toMatchObject({ offset });
    expect(await compareContent(pieces(a, 3), pieces(a, 5))).toBeUndefined();
  });

  test('what is around the byte is shown as text, or in hexadecimal', async () => {
    expect(await compareContent(pieces('at 10:00\n', 4), pieces('at 10:01\n', 4))).toEqual({
      offset: 7,
      before: '"at 10:00\\n"',
      after: '"at 10:01\\n"',
    });
    expect(await compareContent(pieces('\0a', 4), pieces('\0b', 4))).toMatchObject({
      before: '0061',
      after: '0062',
    });
  });
});
