import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { fork } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { Engine } from '../../src-main/contract/engine-api.ts';
import { openEngine } from '../../src-main/engine/engine.ts';
import { connect } from '../../src-main/rpc/connect.ts';
import { processPort } from '../../src-main/rpc/process-port.ts';
import { endChild, inProcess, overChildProcess, overMessagePort, overWebSocket } from './support/hosts.ts';
import type { Host } from './support/hosts.ts';

const ENGINE_HOST = join(import.meta.dirname, '..', '..', 'src-main', 'engine-host', 'main.ts');

/** The real engine, in its real process where there is one. */
const HOSTS: Readonly<Record<string, (root: string) => Host | Promise<Host>>> = {
  'in process': async (root) => inProcess(await openEngine({ root, version: '0' })),
  'over a MessagePort': async (root) => overMessagePort(await openEngine({ root, version: '0' })),
  'in its own process': (root) => overChildProcess(ENGINE_HOST, { VARVE_ROOT: root }),
  'behind a WebSocket': async (root) => {
    const child = fork(ENGINE_HOST, [], { env: { ...process.env, VARVE_ROOT: root } });
    const host = await overWebSocket(connect(processPort(child)));
    const close = async () => {
      await host.close();
      await endChild(child);
    };
    return { ...host, close };
  },
};

describe.each(Object.keys(HOSTS))('the engine %s', (name) => {
  let work: string;
  let root: string;
  let context: string;
  let host: Host;
  let engine: Engine;

  beforeEach(async () => {
    work = await mkdtemp(join(tmpdir(), 'varve-contract-'));
    [root, context] = [join(work, 'store'), join(work, 'project')];
    await mkdir(context);
    await writeFile(join(context, 'Dockerfile'), 'FROM scratch\nCOPY a.txt /\n');
    await writeFile(join(context, 'a.txt'), 'hello');
    host = await HOSTS[name]!(root);
    engine = await host.open();
  });
  afterEach(async () => {
    await host.close();
    await rm(work, { recursive: true, force: true });
  });

  test('opens a store and tells where it is', async () => {
    expect(await engine.api.store.status({})).toMatchObject({ root, runningBuilds: 0 });
    expect(await engine.api.images.list({})).toEqual([]);
  });

  test('looks into a build context', async () => {
    const summary = await engine.api.contexts.inspect({ path: context });
    expect(summary).toMatchObject({ path: context, name: 'project', dockerfiles: ['Dockerfile'], files: 2 });
  });

  test('refuses a dropped path that is no folder', async () => {
    for (const path of [join(context, 'a.txt'), join(context, 'nowhere')]) {
      await expect(engine.api.contexts.inspect({ path })).rejects.toMatchObject({ name: 'EngineError' });
    }
    await expect(engine.api.contexts.inspect({ path: '' })).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('builds, reports each step, and another caller on the same store hears of it', async () => {
    const other = await host.open();
    const heard = new Promise<object>((resolve) => void other.on('imagesChanged', resolve));
    await other.api.store.status({});
    const ends: string[] = [];
    const built = await engine.api.builds.run(
      { context, tags: ['demo:1'] },
      { onProgress: (event) => void (event.type === 'step-end' && ends.push(event.outcome)) },
    );
    expect(await heard).toEqual({});
    expect(ends).toContain('ran');
    expect(await other.api.images.list({})).toMatchObject([{ name: 'demo:1', digest: built.digest }]);
  });

  test('keeps a record of each build, and another caller on the same store hears of it', async () => {
    const other = await host.open();
    await other.api.buildRecords.list({});
    const heard = new Promise<object>((resolve) => void other.on('buildRecordsChanged', resolve));
    const { record = '', digest } = await engine.api.builds.run({ context, tags: ['demo:1'] });
    expect(await heard).toEqual({});
    const { builds } = await other.api.buildRecords.list({ search: 'demo' });
    expect(builds).toMatchObject([{ id: record, status: 'succeeded', tags: ['demo:1'], digest }]);
    const { steps, dockerfile } = await other.api.buildRecords.get({ id: record });
    expect(steps.map(({ instruction, outcome }) => [instruction, outcome])).toEqual([
      ['COPY a.txt /', 'ran'],
    ]);
    expect(dockerfile?.text).toBe('FROM scratch\nCOPY a.txt /\n');
    const { events, isComplete } = await other.api.buildRecords.log({ id: record });
    expect([events[0]?.event.type, events.at(-1)?.event.type, isComplete]).toEqual([
      'plan',
      'step-end',
      true,
    ]);
    await other.api.buildRecords.remove({ ids: [record] });
    await expect(engine.api.buildRecords.get({ id: record })).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const nowhere = engine.api.buildRecords.get({ id: '../../etc/passwd' });
    await expect(nowhere).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });

  test('answers what an editor asks', async () => {
    const { dockerfiles } = engine.api;
    const text = 'from scratch\nCOPY a';
    const { replace, items } = await dockerfiles.complete({
      text,
      context,
      position: { line: 2, column: 7 },
    });
    expect(replace).toMatchObject({ line: 2, column: 6, endColumn: 7 });
    expect(items[0]).toMatchObject({ kind: 'file', insert: 'a.txt', continues: false });
    expect(await dockerfiles.hover({ text, position: { line: 1, column: 1 } })).toMatchObject({
      title: 'FROM',
    });
    expect(await dockerfiles.symbol({ text, position: { line: 1, column: 1 } })).toBeNull();
  });

  test('places a mistake in the Dockerfile', async () => {
    const run = engine.api.builds.run({ context, dockerfileText: 'FROM scratch\nCOPPY a b\n' });
    await expect(run).rejects.toMatchObject({
      code: 'DOCKERFILE',
      location: { line: 2 },
      excerpt: 'COPPY a b',
    });
  });
});
