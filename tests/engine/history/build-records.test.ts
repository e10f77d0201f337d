import { fork } from 'node:child_process';
import { once } from 'node:events';
import { appendFile, mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildRequestSchema } from '../../../src-main/contract/builds-api.ts';
import { openEngine } from '../../../src-main/engine/engine.ts';
import { BuildRecords } from '../../../src-main/engine/history/build-records.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { failureOf, useBuilds } from './builds-fixture.ts';

const builds = useBuilds();
const DOCKERFILE =
  'ARG EDITION=1\nFROM scratch AS files\nCOPY a.txt /\nFROM files\nCOPY --from=files /a.txt /b.txt\n';

async function writeProject(): Promise<void> {
  await builds.write('Dockerfile', DOCKERFILE);
  await builds.write('a.txt', 'a\n');
}

function recordsHere(): BuildRecords {
  return new BuildRecords({ root: builds.root, version: '7', log: silentLog });
}

describe('the record of a build', () => {
  test('holds what went in, what each step did, and the result', async () => {
    await writeProject();
    const id = await builds.build({ tags: ['app:1'], buildArgs: { EDITION: '2' } });
    const record = await builds.records.get({ id });
    const [image] = await builds.engine.api.images.list({});
    expect(record).toMatchObject({
      id,
      status: 'succeeded',
      name: 'app:1',
      tags: ['app:1'],
      context: builds.context,
      varve: '7',
      request: { buildArgs: { EDITION: '2' }, tags: ['app:1'] },
      dockerfile: { path: join(builds.context, 'Dockerfile'), file: 'Dockerfile', text: DOCKERFILE },
      digest: image?.digest,
      result: { digest: image?.digest, record: id },
      warnings: [],
      isImported: false,
    });
    expect(record.stages.map(({ name, base, needs, isTarget }) => ({ name, base, needs, isTarget }))).toEqual(
      [
        { name: 'files', base: { name: 'scratch' }, needs: [], isTarget: false },
        {
          name: undefined,
          base: { name: 'files' },
          needs: [
            { stage: 0, by: 'from' },
            { stage: 0, by: 'copy' },
          ],
          isTarget: true,
        },
      ],
    );
    expect(record.steps.map(({ keyword, outcome, reason }) => [keyword, outcome, reason?.kind])).toEqual([
      ['COPY', 'ran', 'first'],
      ['COPY', 'ran', 'first'],
    ]);
  });

  test('says where and how a build failed', async () => {
    await builds.write('Dockerfile', 'FROM scratch\nCOPY nowhere.txt /\n');
    const id = await builds.build({});
    const { status, error, steps, failure } = await builds.records.get({ id });
    expect({ status, outcomes: steps.map(({ outcome }) => outcome) }).toEqual({
      status: 'failed',
      outcomes: ['failed'],
    });
    expect(error).toMatchObject({ location: { line: 2, column: 6 }, excerpt: 'COPY nowhere.txt /' });
    expect(failure).toBe(error?.message);
  });

  test('is there for a build without a Dockerfile, and for one that was cancelled', async () => {
    const missing = await builds.build({});
    await writeProject();
    const cancelled = builds.engine.api.builds.run(
      { context: builds.context },
      { signal: AbortSignal.abort() },
    );
    expect(await failureOf(cancelled)).toMatchObject({ code: 'CANCELLED' });
    const { builds: listed } = await builds.records.list({});
    expect(listed.map(({ status }) => status)).toEqual(['cancelled', 'failed']);
    expect((await builds.records.get({ id: missing })).error).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('has the same context digest for the same files, and another one for others', async () => {
    await writeProject();
    const digest = async () => (await builds.records.get({ id: await builds.build({}) })).contextDigest;
    const first = await digest();
    await utimes(join(builds.context, 'a.txt'), 1, 1);
    await builds.write('unread.txt', 'not copied');
    const again = await digest();
    await builds.write('a.txt', 'other\n');
    expect(first).toMatch(/^sha256:/);
    expect(again).toBe(first);
    expect(await digest()).not.toBe(first);
  });

  test('holds no secret and no login of an address', async () => {
    await writeProject();
    await builds.write('token', 'the-secret-bytes');
    const id = await builds.build({
      contextName: 'https://me:the-password@host/repo.git',
      secrets: [{ id: 'token', source: join(builds.context, 'token') }],
      buildContexts: { tools: 'https://me:the-password@host/tools.git' },
    });
    const text = await readFile(join(builds.root, 'builds', `${id}.jsonl`), 'utf8');
    expect(text).not.toMatch(/the-secret-bytes|the-password/);
    expect(await builds.records.get({ id })).toMatchObject({
      context: 'https://host/repo.git',
      request: { secrets: [{ id: 'token', source: join(builds.context, 'token') }] },
    });
  });

  test('does not make a build fail when it cannot be written', async () => {
    await writeProject();
    const warned: string[] = [];
    await mkdir(builds.root, { recursive: true });
    await rm(join(builds.root, 'builds'), { recursive: true, force: true });
    await writeFile(join(builds.root, 'builds'), 'a file in the place of the folder');
    const log = { ...silentLog, warn: (_fields: object, message: string) => void warned.push(message) };
    const engine = await openEngine({ root: builds.root, version: '7', log });
    const built = await engine.api.builds.run({ context: builds.context });
    await engine.close();
    expect(built.digest).toMatch(/^sha256:/);
    expect(warned).toContain('the build’s record cannot be written');
  });
});

describe('a build in another process', () => {
  test('is seen while it runs, and as interrupted once it was killed', async () => {
    const records = recordsHere();
    const child = fork(join(import.meta.dirname, 'record-child.ts'), [builds.root]);
    const [id] = (await once(child, 'message')) as [string];
    const running = await records.list({ limit: 10 });
    const heard = new Promise<void>((resolve) => void records.onChange(resolve));
    const { events, isComplete } = await records.log(id, 0);
    child.kill('SIGKILL');
    await once(child, 'exit');
    const killed = await records.list({ limit: 10 });
    await heard;
    expect(running.builds).toMatchObject([{ id, status: 'running', name: 'app:1' }]);
    expect(events).toMatchObject([{ event: { type: 'step-output', text: 'half way\n' } }]);
    expect(isComplete).toBe(false);
    expect(killed.builds).toMatchObject([{ id, status: 'interrupted' }]);
  });

  test('is heard of by a window on the same store', async () => {
    await writeProject();
    const other = await openEngine({ root: builds.root, version: '7' });
    const heard = new Promise((resolve) => void other.on('buildRecordsChanged', resolve));
    await builds.build({});
    expect(await heard).toEqual({});
    await other.close();
  });
});

describe('the list of builds', () => {
  test('is the newest first, page by page, and filtered by how they ended', async () => {
    await writeProject();
    const good = await builds.build({});
    const bad = await builds.build({ target: 'nowhere' });
    const again = await builds.build({});
    const ids = async (question: object) => {
      const { builds: found, more } = await builds.records.list(question);
      return [found.map(({ id }) => id), more];
    };
    expect(await ids({})).toEqual([[again, bad, good], false]);
    expect(await ids({ limit: 2 })).toEqual([[again, bad], true]);
    expect(await ids({ limit: 2, before: bad })).toEqual([[good], false]);
    expect(await ids({ status: ['failed'] })).toEqual([[bad], false]);
  });

  test('is searched in tags, paths, arguments, the Dockerfile and what was printed', async () => {
    const records = recordsHere();
    const request = { context: '/home/me/orchard', tags: ['pears:1'], buildArgs: { KIND: 'conference' } };
    const recorder = records.begin(buildRequestSchema.parse(request));
    recorder.note({ type: 'dockerfile', path: '/d', file: 'd', text: 'FROM quince\n' });
    for (const text of ['\u001b[31mcould not re', 'ach\u001b[0m the "tree"\n']) {
      recorder.note({ type: 'event', event: { type: 'step-output', step: '0.1', stream: 'stderr', text } });
    }
    await recorder.end({ status: 'cancelled' });
    const finds = async (search: string) => (await records.list({ search, limit: 9 })).builds.length === 1;
    const words = ['PEARS', 'orchard', 'kind=conf', 'from quince', 'not reach the "tree"'];
    expect(await Promise.all([...words, 'plum'].map(finds))).toEqual([true, true, true, true, true, false]);
  });

  test('leaves out a damaged record, which verify names and a prune removes', async () => {
    await writeProject();
    const id = await builds.build({});
    const broken = await builds.build({});
    await writeFile(join(builds.root, 'builds', `${broken}.jsonl`), '\0\0\0\n');
    const fresh = await openEngine({ root: builds.root, version: '7' });
    const listed = (await fresh.api.buildRecords.list({})).builds.map((build) => build.id);
    const { brokenRecords } = await fresh.api.store.verify({});
    const { buildRecords } = await fresh.api.store.prune({});
    const after = (await fresh.api.store.verify({})).brokenRecords;
    await fresh.close();
    expect(listed).toEqual([id]);
    expect(brokenRecords).toEqual([{ id: broken, problem: `the record of the build ${broken} is damaged` }]);
    expect({ buildRecords, after }).toEqual({ buildRecords: 1, after: [] });
  });

  test('passes over a line that was not written whole', async () => {
    await writeProject();
    const id = await builds.build({ tags: ['app:1'] });
    await appendFile(join(builds.root, 'builds', `${id}.jsonl`), '{"t":12,"type":"eve');
    expect(await recordsHere().get(id)).toMatchObject({ id, status: 'succeeded', name: 'app:1' });
  });
});

describe('the bounds of the records', () => {
  const DAY_MS = 24 * 60 * 60 * 1000;

  async function three(bounds: { count: number; ageMs: number; bytes: number }): Promise<readonly string[]> {
    const writer = recordsHere();
    for (const context of ['/one', '/two', '/three']) {
      const recorder = writer.begin(buildRequestSchema.parse({ context }));
      await recorder.end({ status: 'cancelled' });
      const days = { '/one': 30, '/two': 2 }[context] ?? 0;
      const at = new Date(Date.now() - days * DAY_MS);
      await utimes(join(builds.root, 'builds', `${recorder.id}.jsonl`), at, at);
    }
    const records = new BuildRecords({ root: builds.root, version: '7', log: silentLog, bounds });
    const planned = await records.bound({ dryRun: true });
    expect(await records.bound({ dryRun: false })).toEqual(planned);
    return (await records.list({ limit: 9 })).builds.map(({ context }) => context);
  }

  test('are a number, an age and a size', async () => {
    const wide = { count: 10, ageMs: 100 * DAY_MS, bytes: 1e9 };
    expect(await three(wide)).toEqual(['/three', '/two', '/one']);
    await rm(join(builds.root, 'builds'), { recursive: true });
    expect(await three({ ...wide, count: 2 })).toEqual(['/three', '/two']);
    await rm(join(builds.root, 'builds'), { recursive: true });
    expect(await three({ ...wide, ageMs: DAY_MS })).toEqual(['/three']);
    await rm(join(builds.root, 'builds'), { recursive: true });
    expect(await three({ ...wide, bytes: 10 })).toEqual([]);
  });

  test('never take a build that runs', async () => {
    const bounds = { count: 0, ageMs: 0, bytes: 0 };
    const records = new BuildRecords({ root: builds.root, version: '7', log: silentLog, bounds });
    const recorder = records.begin(buildRequestSchema.parse({ context: '/one' }));
    await expect.poll(async () => (await records.list({ limit: 9 })).builds.length).toBe(1);
    expect(await records.bound({ dryRun: false })).toEqual({ records: 0, bytes: 0 });
    expect(await failureOf(records.remove([recorder.id]))).toMatchObject({ code: 'CONFLICT' });
    await recorder.end({ status: 'cancelled' });
    await records.remove([recorder.id]);
    expect(await readdir(join(builds.root, 'builds'))).toEqual(['.bounded']);
  });
});
