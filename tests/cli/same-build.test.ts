import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { describe, expect, onTestFinished, test } from 'vitest';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { VARVE, VARVE_SOURCE } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop(({ root }) => buildBusyboxBase(root));

interface Build {
  readonly child: ChildProcess;
  /** Resolves when the log has that text. */
  says(text: string): Promise<void>;
  /** Exit status and how the steps ended. */
  ended(): Promise<{ readonly status: number | string; readonly steps: readonly string[] }>;
}

/** A step that writes down that it runs, and ends when someone has made /n/go. */
function counting(id: string): string {
  const wait = `: ${id}; echo ran >> /n/log; echo started; until [ -e /n/go ]; do sleep 0.05; done`;
  return `FROM busybox\nRUN --mount=type=cache,id=${id},target=/n ${wait}\nCOPY f /f\n`;
}

/** The same, and after it one that writes down that it runs. */
function countingOn(id: string): string {
  return `${counting(id)}RUN --mount=type=cache,id=${id},target=/n echo went on >> /n/log\n`;
}

/** Runs a command on the cache mount of the step, in a build of its own. */
async function onMount(id: string, command: string): Promise<string> {
  const text = `FROM busybox\nRUN --mount=type=cache,id=${id},target=/n ${command}\n`;
  const context = await workshop.write(`mount-${id}`, { Dockerfile: text });
  const { status, stderr } = await workshop.varve(['build', '--no-cache', '--progress', 'plain', context]);
  expect(status).toBe(0);
  return stderr;
}

async function start(id: string, Dockerfile = counting(id), flags: readonly string[] = []): Promise<Build> {
  const context = await workshop.write(id, { Dockerfile, f: id });
  const child = spawn(VARVE, ['build', '--progress', 'json', ...flags, context], {
    env: { ...process.env, ...VARVE_SOURCE, VARVE_ROOT: workshop.root },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  onTestFinished(() => void child.kill('SIGKILL'));
  let log = '';
  const wakers = new Set<() => void>();
  child.stderr?.on('data', (bytes: Buffer) => {
    log += bytes.toString();
    for (const wake of wakers) wake();
  });
  const closed = once(child, 'close') as Promise<[number | null, string | null]>;
  return {
    child,
    says: (text) =>
      new Promise((resolve, reject) => {
        const look = (): void => void (log.includes(text) && resolve());
        wakers.add(look);
        void closed.then(() => reject(new Error(`ended without saying ${text}:\n${log}`)));
        look();
      }),
    ended: async () => {
      const [code, signal] = await closed;
      return { status: code ?? signal ?? '', steps: stepsOf(log) };
    },
  };
}

function stepsOf(log: string): readonly string[] {
  return log.split('\n').flatMap((line) => {
    if (!line.includes('"step-end"')) return [];
    const { step, outcome } = JSON.parse(line) as { step: string; outcome: string };
    return step === '0.0' ? [] : [`${step} ${outcome}`];
  });
}

const STARTED = '"text":"started';
const WAITING = 'waiting for another build that does the same';
const RAN = ['0.1 ran', '0.2 ran'];

/** Two builds of one Dockerfile: the first runs the step, the second waits for it. */
async function startBoth(id: string): Promise<readonly [Build, Build]> {
  const first = await start(id);
  await first.says(STARTED);
  const second = await start(id);
  await second.says(WAITING);
  return [first, second];
}

async function timesRun(id: string): Promise<number> {
  return (await onMount(id, 'cat /n/log')).match(/ ran$/gm)?.length ?? 0;
}

describe('two processes that build the same at once', () => {
  test('do the work once', async () => {
    const [first, second] = await startBoth('once');
    await onMount('once', 'touch /n/go');
    const ends = await Promise.all([first.ended(), second.ended()]);
    expect(ends.map(({ status }) => status)).toEqual([0, 0]);
    expect(ends[0].steps[0]).toBe('0.1 ran');
    expect(ends[1].steps[0]).toBe('0.1 cached');
    expect(ends.map(({ steps }) => steps[1]).sort()).toEqual(['0.2 cached', '0.2 ran']);
    expect(await timesRun('once')).toBe(1);
  });

  test.each(['SIGKILL', 'SIGINT'] as const)(
    'the second takes over when the first gets %s',
    async (signal) => {
      const [first, second] = await startBoth(`over-${signal}`);
      first.child.kill(signal);
      expect((await first.ended()).status).toBe(signal === 'SIGINT' ? 130 : 'SIGKILL');
      await second.says(STARTED);
      await onMount(`over-${signal}`, 'touch /n/go');
      expect(await second.ended()).toEqual({ status: 0, steps: RAN });
      expect(await timesRun(`over-${signal}`)).toBe(2);
    },
  );

  test.each([
    ['both of them', ['--no-cache'], ['--no-cache']],
    ['the first', ['--no-cache'], []],
    ['the second', [], ['--no-cache']],
  ])(
    'do once what both come to, and twice what began before the other, with --no-cache of %s',
    async (_which, firstFlags, secondFlags) => {
      const id = `anew-${firstFlags.length}-${secondFlags.length}`;
      const first = await start(id, countingOn(id), firstFlags);
      await first.says(STARTED);
      const second = await start(id, countingOn(id), secondFlags);
      const isAnew = secondFlags.length > 0;
      await second.says(isAnew ? STARTED : WAITING);
      await onMount(id, 'touch /n/go');
      const ends = await Promise.all([first.ended(), second.ended()]);
      expect(ends.map(({ status }) => status)).toEqual([0, 0]);
      expect(ends.map(({ steps }) => steps[0])).toEqual(['0.1 ran', isAnew ? '0.1 ran' : '0.1 cached']);
      for (const at of [1, 2])
        expect(ends.map(({ steps }) => steps[at]?.slice(4)).sort()).toEqual(['cached', 'ran']);
      const log = await onMount(id, 'cat /n/log');
      expect([log.match(/ ran$/gm)?.length, log.match(/ went on$/gm)?.length]).toEqual([isAnew ? 2 : 1, 1]);
    },
  );

  test('one that is cancelled while it waits ends at once, and the first goes on', async () => {
    const [first, second] = await startBoth('waiter');
    second.child.kill('SIGINT');
    expect(await second.ended()).toEqual({ status: 130, steps: ['0.1 cancelled'] });
    await onMount('waiter', 'touch /n/go');
    expect(await first.ended()).toEqual({ status: 0, steps: RAN });
    expect(await (await start('waiter')).ended()).toEqual({ status: 0, steps: ['0.1 cached', '0.2 cached'] });
  });
});
