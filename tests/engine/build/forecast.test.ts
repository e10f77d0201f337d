import { readdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuildRequestInput } from '../../../src-main/contract/builds-api.ts';
import { tempStore } from '../support/temp-store.ts';
import { foreseen, openBuildBench, outcomes, type BuildBench } from './build-fixture.ts';
import { scriptedSandbox, type ScriptedSandbox } from './scripted-sandbox.ts';

async function openProject(
  files: Readonly<Record<string, string>>,
): Promise<BuildBench & { readonly sandbox: ScriptedSandbox }> {
  const store = await tempStore();
  const sandbox = scriptedSandbox(store);
  return { ...(await openBuildBench(files, { store, sandbox })), sandbox };
}

const APP = 'FROM scratch\nCOPY package.json /\nRUN write modules 1\nCOPY . /app\nRUN write built 1\n';
const PROJECT = { Dockerfile: APP, 'package.json': '{}', 'src/main.js': 'main' };

/** The forecast and what the build that follows did, as two equal lists where nothing was unknown. */
async function both(
  bench: BuildBench,
  request: Partial<BuildRequestInput> = {},
): Promise<readonly (readonly string[])[]> {
  const forecast = foreseen(await bench.forecast(request));
  const { events } = await bench.build(request);
  return [forecast, outcomes(events).map((line) => line.replace(/^(\S+) ran/, '$1 run'))];
}

describe('a forecast', () => {
  test('of an unchanged project takes everything from the cache, with the time that each step took', async () => {
    const bench = await openProject(PROJECT);
    await bench.build();
    const forecast = await bench.forecast();
    expect(foreseen(forecast)).toEqual(['0.1 cached', '0.2 cached', '0.3 cached', '0.4 cached']);
    expect(forecast.steps.map(({ lastMs }) => typeof lastMs)).toEqual(Array(4).fill('number'));
    expect(forecast.contextEntries).toBe(5);
  });

  test('of a project that was never built runs everything', async () => {
    const bench = await openProject(PROJECT);
    expect(foreseen(await bench.forecast())).toEqual(
      ['0.1', '0.2', '0.3', '0.4'].map((step) => `${step} run: this step has not run before`),
    );
    expect(bench.sandbox.ran).toEqual([]);
  });

  test('names the file that changed, and what follows from it, in the words of the build', async () => {
    const bench = await openProject(PROJECT);
    await bench.build();
    await bench.write({ 'package.json': '{"a":1}' });
    const [forecast, built] = await both(bench);
    expect(forecast).toEqual([
      '0.1 run: package.json changed',
      '0.2 run: COPY package.json / (line 2) gave another result',
      '0.3 run: package.json changed',
      '0.4 run: COPY package.json / (line 2) gave another result',
    ]);
    expect(forecast).toEqual(built);
  });

  test('knows what is below a changed file that no program has seen', async () => {
    const bench = await openProject(PROJECT);
    await bench.build();
    await bench.write({ 'src/main.js': 'changed' });
    const [forecast, built] = await both(bench);
    expect(forecast).toEqual([
      '0.1 cached',
      '0.2 cached',
      '0.3 run: src/main.js changed',
      '0.4 run: COPY . /app (line 4) gave another result',
    ]);
    expect(forecast).toEqual(built);
  });

  test('of an older content that was built before is the cache', async () => {
    const bench = await openProject(PROJECT);
    await bench.build();
    await bench.write({ 'package.json': 'other' });
    await bench.build();
    await bench.write({ 'package.json': '{}' });
    expect(foreseen(await bench.forecast())).toEqual([
      '0.1 cached',
      '0.2 cached',
      '0.3 cached',
      '0.4 cached',
    ]);
  });

  test('of a content whose layer was made before on another root file system is told by its content', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch\nCOPY a /a\nRUN write x 1\n', a: '1' });
    await bench.build();
    await bench.write({ Dockerfile: 'FROM scratch\nCOPY ./a /a\nRUN write x 1\n' });
    const [forecast, built] = await both(bench);
    expect(forecast).toEqual(['0.1 cached', '0.2 cached']);
    expect(forecast).toEqual(built);
  });

  test('leaves open what depends on what a changed command will give', async () => {
    const bench = await openProject(PROJECT);
    await bench.build();
    await bench.write({ Dockerfile: APP.replace('modules 1', 'modules 2') });
    const forecast = foreseen(await bench.forecast());
    expect(forecast).toEqual([
      '0.1 cached',
      '0.2 run: the instruction was RUN write modules 1',
      '0.3 run: Dockerfile changed',
      '0.4 unknown: it depends on what an earlier step will give',
    ]);
  });

  test('knows an argument of a command', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch\nARG V=1\nRUN write v $V\nRUN true\n' });
    await bench.build();
    expect(foreseen(await bench.forecast({ buildArgs: { V: '2' } }))).toEqual([
      '0.1 run: ARG V 1 -> 2',
      '0.2 run: ARG V 1 -> 2',
    ]);
  });

  test('goes through stages', async () => {
    const bench = await openProject({
      Dockerfile:
        'FROM scratch AS data\nCOPY a /a\nFROM data AS more\nWORKDIR /w\nFROM scratch\nCOPY --from=more /a /b\n',
      a: '1',
    });
    await bench.build();
    await bench.write({ a: '2' });
    const [forecast, built] = await both(bench);
    expect(forecast).toEqual([
      '0.1 run: a changed',
      '1.1 run: COPY a /a (line 2) gave another result',
      '2.1 run: a changed',
    ]);
    expect(forecast).toEqual(built);
  });

  test('tells a step that will fail, and nothing of those after it', async () => {
    const bench = await openProject(PROJECT);
    await rm(join(bench.context, 'package.json'));
    expect(foreseen(await bench.forecast())).toEqual([
      '0.1 unknown: it will fail: package.json is not in the build context',
      '0.2 unknown: an earlier step will fail',
      '0.3 unknown: an earlier step will fail',
      '0.4 unknown: an earlier step will fail',
    ]);
  });

  test('of a Dockerfile that is wrong says what is', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch\nCOPPY a b\n' });
    const { steps, problem } = await bench.forecast();
    expect([steps, problem?.message, problem?.location?.line]).toEqual([
      [],
      expect.stringContaining('COPPY') as string,
      2,
    ]);
  });

  test('pulls nothing: a base that is not here is not known', async () => {
    const bench = await openProject({ Dockerfile: 'FROM nowhere.invalid/base:1\nRUN true\n' });
    expect(foreseen(await bench.forecast())).toEqual([
      '0.0 unknown: the image is not here yet: a build pulls it',
      '0.1 run: this step has not run before',
    ]);
  });

  test('does not say of what is in an image that is not here that it is missing', async () => {
    const away = 'nowhere.invalid/base:1';
    const bench = await openProject({
      Dockerfile: `FROM ${away} AS b\nFROM scratch\nCOPY --from=${away} /etc/a /a\nCOPY --from=b /etc/a /b
RUN --mount=type=bind,from=${away},source=/etc,target=/e true\n`,
    });
    const why = 'unknown: the image is not here yet: a build pulls it';
    expect(foreseen(await bench.forecast())).toEqual([
      `0.0 ${why}`,
      `1.1 ${why}`,
      `1.2 ${why}`,
      `1.3 ${why}`,
    ]);
  });

  test('looks into a base that was never looked into, at once or while it is asked again', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch\nCOPY f /f\n', f: '1' });
    await bench.build({ tags: ['base:1'] });
    const dockerfileText = 'FROM base:1\nRUN write g 1\nCOPY --from=base:1 /f /h\n';
    await bench.build({ dockerfileText });
    for (const thorough of [true, false]) {
      bench.store.records.trim({ usedSinceMs: Number.MAX_SAFE_INTEGER, maxBytes: 0 });
      let forecast = await bench.forecast({ dockerfileText, thorough });
      while (forecast.isPartial === true) forecast = await bench.forecast({ dockerfileText, thorough });
      expect(foreseen(forecast).slice(0, 2)).toEqual(['0.0 cached', '0.1 cached']);
    }
  });

  test('fetches nothing, writes no layer and reads no secret', async () => {
    const bench = await openProject({
      Dockerfile:
        'FROM scratch\nADD https://nowhere.invalid/a /\nRUN --mount=type=secret,id=s,required=true --mount=type=bind,target=/in true\n',
    });
    const blobs = () => readdir(join(bench.store.root, 'blobs'), { recursive: true });
    const before = await blobs();
    expect(foreseen(await bench.forecast())).toEqual([
      '0.1 unknown: https://nowhere.invalid/a is fetched when it is built',
      expect.stringMatching(/^0\.2 run/) as string,
    ]);
    expect(await blobs()).toEqual(before);
  });

  test('without the cache runs every step', async () => {
    const bench = await openProject(PROJECT);
    await bench.build();
    const [forecast, built] = await both(bench, { noCache: true });
    expect(forecast).toEqual(built);
  });

  test('of equal stages does not say which of them will do the work', async () => {
    const bench = await openProject({
      Dockerfile: 'FROM scratch AS a\nCOPY f /f\nFROM scratch AS b\nCOPY f /f\nFROM a\nCOPY --from=b /f /g\n',
      f: '1',
    });
    expect(foreseen(await bench.forecast()).slice(0, 2)).toEqual([
      '0.1 unknown: an equal step may do its work',
      '1.1 unknown: an equal step may do its work',
    ]);
  });
});
