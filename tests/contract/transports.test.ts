import { fork } from 'node:child_process';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../src-main/contract/builds-api.ts';
import type { Engine } from '../../src-main/contract/engine-api.ts';
import type { EngineError } from '../../src-main/contract/errors.ts';
import { connect } from '../../src-main/rpc/connect.ts';
import { processPort } from '../../src-main/rpc/process-port.ts';
import {
  asConnection,
  inProcess,
  overChildProcess,
  overMessagePort,
  overWebSocket,
} from './support/hosts.ts';
import type { Host } from './support/hosts.ts';
import { createScriptedEngine, DIGEST } from './support/scripted-engine.ts';

const HOSTS: Readonly<Record<string, () => Host | Promise<Host>>> = {
  'in process': () => inProcess(createScriptedEngine()),
  'over a MessagePort': () => overMessagePort(createScriptedEngine()),
  'over the IPC channel of a child process': () =>
    overChildProcess(join(import.meta.dirname, 'support', 'scripted-host.ts')),
  'over a WebSocket': () => overWebSocket(asConnection(createScriptedEngine())),
};

describe.each(Object.keys(HOSTS))('an engine %s', (name) => {
  let host: Host;
  let engine: Engine;

  beforeEach(async () => {
    host = await HOSTS[name]!();
    engine = await host.open();
  });
  afterEach(() => host.close());

  test('answers a call', async () => {
    expect(await engine.api.images.list({})).toEqual([]);
  });

  test('passes an error on with code, message, hint and location', async () => {
    expect(await errorOf(engine.api.builds.run({ context: '/fails' }))).toEqual({
      code: 'BUILD_FAILED',
      message: 'RUN make ended with status 2',
      hint: 'See the log.',
      location: { file: 'Dockerfile', line: 7, column: 1, endLine: 7, endColumn: 4 },
    });
    expect(await errorOf(engine.api.images.inspect({ ref: 'x' }))).toMatchObject({
      code: 'NOT_FOUND',
      hint: 'Is it myapp?',
      location: undefined,
    });
  });

  test('tells a defect as INTERNAL without its text', async () => {
    const error = await errorOf(engine.api.images.tagHistory({}));
    expect(error.code).toBe('INTERNAL');
    expect(error.message).not.toContain('secret');
  });

  test('tells a full disk as NO_SPACE', async () => {
    const params = { refs: ['x'], path: '/x.tar', format: 'oci' as const };
    expect(await errorOf(engine.api.images.save(params))).toMatchObject({ code: 'NO_SPACE' });
  });

  test('names the field of a bad parameter and does not call the engine', async () => {
    const error = await errorOf(engine.api.images.tag({ source: 'a', target: 7 as unknown as string }));
    expect(error).toMatchObject({ code: 'INVALID_INPUT' });
    expect(error.message).toContain('images.tag: target');
  });

  test('rejects an answer of unknown form', async () => {
    expect(await errorOf(engine.api.images.untag({ name: 'x' }))).toMatchObject({ code: 'INTERNAL' });
  });

  test('reports 50,000 steps in order and all of them before the result', async () => {
    const steps: string[] = [];
    const result = await engine.api.builds.run(
      { context: '/steps/50000' },
      { onProgress: (event) => void (event.type === 'step-start' && steps.push(event.step)) },
    );
    expect(result.digest).toBe(DIGEST);
    expect(steps).toEqual(Array.from({ length: 50_000 }, (_, index) => String(index)));
  });

  test('loses no character of 100,000 printed lines', async () => {
    let text = '';
    const collect = (event: BuildEvent): void => void (event.type === 'step-output' && (text += event.text));
    await engine.api.builds.run({ context: '/lines/100000' }, { onProgress: collect });
    expect(text).toBe(Array.from({ length: 100_000 }, (_, index) => `line ${String(index)}\n`).join(''));
  });

  test('keeps the progress of calls that run at once apart', async () => {
    const counts = await Promise.all(
      [1, 20, 300].map(async (count) => {
        let seen = 0;
        await engine.api.builds.run(
          { context: `/steps/${String(count)}` },
          { onProgress: () => (seen += 1) },
        );
        return seen;
      }),
    );
    expect(counts).toEqual([1, 20, 300]);
  });

  test('cancels a running call and only that', async () => {
    const one = new AbortController();
    const other = new AbortController();
    const first = errorOf(engine.api.builds.run({ context: '/waits' }, { signal: one.signal }));
    const second = errorOf(engine.api.builds.run({ context: '/waits' }, { signal: other.signal }));
    expect(await runningBuilds(engine)).toBe(2);
    one.abort();
    expect(await first).toMatchObject({ code: 'CANCELLED' });
    expect(await runningBuilds(engine)).toBe(1);
    other.abort();
    expect(await second).toMatchObject({ code: 'CANCELLED' });
    expect(await runningBuilds(engine)).toBe(0);
  });

  test('does not start a call whose signal has fired', async () => {
    const run = engine.api.builds.run({ context: '/waits' }, { signal: AbortSignal.abort() });
    expect(await errorOf(run)).toMatchObject({ code: 'CANCELLED' });
    expect(await runningBuilds(engine)).toBe(0);
  });

  test('tells its events until they are not wanted any more', async () => {
    const seen: object[] = [];
    const stop = engine.on('imagesChanged', (event) => seen.push(event));
    await engine.api.contexts.remember({ path: '/a' });
    await engine.api.contexts.remember({ path: '/b' });
    expect(seen).toEqual([{}, {}]);
    stop();
    await engine.api.contexts.remember({ path: '/c' });
    expect(seen).toEqual([{}, {}]);
  });
});

const SHARED = ['over a MessagePort', 'over a WebSocket'] as const;

describe.each(SHARED)('an engine shared %s', (name) => {
  let host: Host;
  beforeEach(async () => {
    host = await HOSTS[name]!();
  });
  afterEach(() => host.close());

  test('tells a second caller what the first one did', async () => {
    const [first, second] = [await host.open(), await host.open()];
    const heard = new Promise((resolve) => void second.on('imagesChanged', resolve));
    await first.api.contexts.remember({ path: '/a' });
    expect(await heard).toEqual({});
  });

  test('ends the calls of a caller that goes away', async () => {
    const [first, second] = [await host.open(), await host.open()];
    const lost = errorOf(first.api.builds.run({ context: '/waits' }));
    expect(await runningBuilds(first)).toBe(1);
    await first.close();
    expect(await lost).toMatchObject({ code: 'DISCONNECTED' });
    expect(await errorOf(first.api.images.list({}))).toMatchObject({ code: 'DISCONNECTED' });
    await expect.poll(() => runningBuilds(second)).toBe(0);
  });
});

test('a caller learns that the engine’s process died', async () => {
  const script = join(import.meta.dirname, 'support', 'scripted-host.ts');
  const child = fork(script);
  const connection = connect(processPort(child));
  const closed = new Promise<void>((resolve) => connection.onClose(resolve));
  await connection.api.store.status({});
  const lost = errorOf(connection.api.builds.run({ context: '/waits' }));
  child.kill('SIGKILL');
  expect(await lost).toMatchObject({ code: 'DISCONNECTED' });
  await closed;
});

async function runningBuilds(engine: Engine): Promise<number> {
  return (await engine.api.store.status({})).runningBuilds;
}

/** The fields of the error that a call rejects with. */
async function errorOf(
  call: Promise<unknown>,
): Promise<Pick<EngineError, 'code' | 'message' | 'hint' | 'location'>> {
  return call.then(
    () => {
      throw new Error('the call did not fail');
    },
    (error: EngineError) => {
      const { code, message, hint, location } = error;
      return { code, message, hint, location };
    },
  );
}
