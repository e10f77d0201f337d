import { readFile, writeFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { gunzipSync, gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { BuildRecords } from '../../../src-main/engine/history/build-records.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { failureOf, useBuilds } from './builds-fixture.ts';

const builds = useBuilds();

function elsewhere(): BuildRecords {
  return new BuildRecords({ root: join(builds.root, '..', 'elsewhere'), version: '8', log: silentLog });
}

async function exported(): Promise<{ id: string; file: string }> {
  await builds.write('Dockerfile', 'FROM scratch\nCOPY a.txt /\n');
  await builds.write('a.txt', 'a\n');
  const id = await builds.build({ tags: ['app:1'] });
  const file = join(builds.context, 'app.varvebuild');
  await builds.records.export({ id, destination: file });
  return { id, file };
}

describe('an exported build', () => {
  test('opens on another machine as it was, marked as imported', async () => {
    const { id, file } = await exported();
    const there = elsewhere();
    const opened = await there.open(file);
    const before = await builds.records.get({ id });
    const after = await there.get(id);
    expect(opened).toMatchObject({ id, status: 'succeeded', isImported: true });
    expect(after).toEqual({ ...before, isImported: true, sizeBytes: after.sizeBytes });
    expect((await there.log(id, 0)).events).toEqual((await builds.records.log({ id })).events);
  });

  test('is there once, however often it is opened', async () => {
    const { id, file } = await exported();
    const there = elsewhere();
    await there.open(file);
    await there.open(file);
    expect((await there.list({ limit: 9 })).builds.map((build) => build.id)).toEqual([id]);
    expect(await builds.records.open({ source: file })).toMatchObject({ id, isImported: false });
  });

  test('says nothing of the process that built it', async () => {
    const { file } = await exported();
    const [head] = gunzipSync(await readFile(file))
      .toString()
      .split('\n');
    expect(JSON.parse(head ?? '')).not.toHaveProperty('process');
  });
});

describe('a file that is no exported build', () => {
  test('is refused with one clear message and leaves nothing', async () => {
    const { file } = await exported();
    const whole = await readFile(file);
    const lines = gunzipSync(whole).toString();
    const bad: Readonly<Record<string, Buffer>> = {
      'no gzip': Buffer.from('hello'),
      empty: Buffer.alloc(0),
      'cut off': whole.subarray(0, whole.length - 20),
      'not JSON': gzipSync('hello\n'),
      'no head': gzipSync('{}\n'),
      'another id': gzipSync(lines.replace(/"id":"[^"]*"/, '"id":"../../etc/passwd"')),
      'a bad line': gzipSync(`${lines}{"t":1,"type":"event","event":{"type":"step-start"}}\n`),
      'without its end': gzipSync(lines.trimEnd()),
      'a newer one': gzipSync(lines.replace('"varveBuild":1', '"varveBuild":2')),
    };
    const there = elsewhere();
    const codes: Record<string, string> = {};
    for (const [name, bytes] of Object.entries(bad)) {
      await writeFile(join(builds.context, 'bad.varvebuild'), bytes);
      const { code, message } = await failureOf(there.open(join(builds.context, 'bad.varvebuild')));
      expect(message).toContain('bad.varvebuild');
      codes[name] = code;
    }
    expect(codes).toEqual({
      'no gzip': 'INVALID_INPUT',
      empty: 'INVALID_INPUT',
      'cut off': 'INVALID_INPUT',
      'not JSON': 'INVALID_INPUT',
      'no head': 'INVALID_INPUT',
      'another id': 'INVALID_INPUT',
      'a bad line': 'INVALID_INPUT',
      'without its end': 'INVALID_INPUT',
      'a newer one': 'UNSUPPORTED',
    });
    expect(await readdir(join(builds.root, '..', 'elsewhere', 'builds'))).toEqual([]);
  });

  test('is not unpacked beyond what a record can hold', async () => {
    const bomb = gzipSync(Buffer.alloc(40 * 1024 * 1024, 'a'));
    await builds.write('.keep', '');
    const source = join(builds.context, 'bomb.varvebuild');
    await writeFile(source, bomb);
    expect(await failureOf(elsewhere().open(source))).toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  test('that is not there is said to be missing', async () => {
    expect(await failureOf(elsewhere().open('/nowhere/x.varvebuild'))).toEqual({
      code: 'NOT_FOUND',
      message: 'could not open x.varvebuild: it does not exist',
    });
  });
});

describe('two builds beside each other', () => {
  test('show inputs, Dockerfile and steps', async () => {
    await builds.write('Dockerfile', 'FROM scratch AS app\nCOPY a.txt /\nLABEL x=1\n');
    await builds.write('a.txt', 'a\n');
    const a = await builds.build({ tags: ['app:1'], buildArgs: { V: '1' } });
    await builds.write('Dockerfile', 'FROM scratch AS app\nCOPY a.txt /\nCOPY b.txt /\nLABEL x=2\n');
    await builds.write('b.txt', 'b\n');
    const b = await builds.build({ tags: ['app:1'], buildArgs: { V: '2' }, target: 'app' });
    const compared = await builds.records.compare({ a, b });
    expect([compared.a.id, compared.b.id]).toEqual([a, b]);
    const changed = compared.inputs.filter(({ before, after }) => before !== after);
    expect(changed.map(({ name, before, after }) => [name, before, after])).toEqual([
      ['Context digest', expect.stringMatching(/^sha256:/), expect.stringMatching(/^sha256:/)],
      ['Target', undefined, 'app'],
      ['Argument V', '1', '2'],
    ]);
    expect(compared.dockerfile).toEqual([
      { text: 'FROM scratch AS app', before: 1, after: 1 },
      { text: 'COPY a.txt /', before: 2, after: 2 },
      { text: 'LABEL x=1', before: 3 },
      { text: 'COPY b.txt /', after: 3 },
      { text: 'LABEL x=2', after: 4 },
      { text: '', before: 4, after: 5 },
    ]);
    const steps = compared.steps.map((step) => [step.instruction, step.before?.outcome, step.after?.outcome]);
    expect(steps).toEqual([
      ['COPY a.txt /', 'ran', 'cached'],
      ['COPY b.txt /', undefined, 'ran'],
    ]);
  });
});
