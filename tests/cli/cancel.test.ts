import { execFile } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import { promisify } from 'node:util';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { startVarve, VARVE, VARVE_SOURCE } from '../fixtures/varve-cli.ts';
import { endUnderIdleInit } from '../fixtures/end-under-idle-init.ts';
import { processesWith } from '../engine/sandbox/processes-with.ts';
import { useSandboxWorkshop } from './support/use-sandbox-workshop.ts';

const { workshop, inSandbox } = useSandboxWorkshop();

/** A program that wants to live: it ignores signals, has children that left its group and session, and writes. */
function stubborn(mark: string): string {
  return `FROM busybox
RUN --mount=type=cache,target=/cache --mount=type=tmpfs,target=/memory trap "" TERM INT HUP; echo x > /kept; \\
    (setsid sleep ${mark} &); (sleep ${mark} &); sh -c "trap '' TERM; sleep ${mark}" & \\
    echo started; while true; do sleep ${mark}; done
`;
}

/**
 * Files of the store but the databases, logs and records of builds, which tell of the cancelled build, and unpacked
 * layers and cache mounts, which any build leaves.
 */
async function files(): Promise<readonly string[]> {
  const all = await readdir(workshop.root, { recursive: true, withFileTypes: true });
  return all
    .filter((entry) => !entry.isDirectory() || entry.name.startsWith('.'))
    .map((entry) => join(entry.parentPath, entry.name).slice(workshop.root.length + 1))
    .filter((path) => !/^(?:logs|builds|cache-mounts)\/|\.db(?:-\w+)?$|^snapshots\/[0-9a-f]{64}/.test(path))
    .sort();
}

function leases(): unknown {
  const database = new Database(join(workshop.root, 'leases.db'), { readonly: true });
  try {
    return database.prepare('SELECT count(*) AS count FROM leases').get();
  } finally {
    database.close();
  }
}

async function hostMounts(): Promise<readonly string[]> {
  const text = await readFile('/proc/self/mountinfo', 'utf8');
  return text.split('\n').filter((line) => line.includes(workshop.root));
}

/** What must be gone after the next build: all but what it made, and what a cancelled build may leave to speed it. */
async function leftovers(): Promise<readonly string[]> {
  return (await files()).filter((path) => !path.startsWith('blobs/'));
}

let largeBase: Promise<string> | undefined;

/** A build that unpacks a base whose layer takes a while. */
async function onLargeBase(name: string): Promise<string> {
  largeBase ??= makeLargeBase();
  return workshop.write(name, { Dockerfile: `FROM ${await largeBase}\nRUN true\n` });
}

async function makeLargeBase(): Promise<string> {
  const base = await workshop.write('large-base', { Dockerfile: 'FROM busybox\nCOPY large /\n' });
  await writeFile(join(base, 'large'), Buffer.alloc(150 * 1024 * 1024, 'bytes that take a while'));
  await workshop.out(['build', '-q', '-t', 'large', base]);
  return 'large';
}

const unpacking = async (): Promise<number> =>
  (await readdir(join(workshop.root, 'snapshots'), { recursive: true })).filter((path) =>
    /\.engine-[^/]+\/unpacking-[^/]+\/large$/.test(path),
  ).length;

async function state(mark: string): Promise<object> {
  return {
    files: await files(),
    mounts: await hostMounts(),
    leases: leases(),
    processes: [...(await processesWith(mark)), ...(await processesWith(workshop.root))],
  };
}

/** A server that never answers, and when it was asked. */
async function stallingServer() {
  const { promise: asked, resolve } = Promise.withResolvers<void>();
  const server = createServer(() => resolve());
  await once(server.listen(0, '127.0.0.1'), 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/file`,
    asked,
    [Symbol.asyncDispose]: async () => {
      server.closeAllConnections();
      await once(server.close(), 'close');
    },
  };
}

const newMark = (): string => `7${Math.floor(Math.random() * 1e8)}`;

/** Starts a build, and gives its process once a line of its progress says that it has come so far. */
async function startUntil(context: string, words: RegExp) {
  const child = startVarve(workshop.root, ['build', '--progress', 'plain', '-t', 'c:1', context]);
  let log = '';
  for await (const piece of child.stderr.iterator({ destroyOnReturn: false })) {
    log += String(piece);
    if (words.test(log)) break;
  }
  child.stderr.resume();
  return child;
}

describe('a build that is cancelled leaves no process, mount, file and row', () => {
  inSandbox('when Ctrl+C meets a command that ignores signals and has left its session', async () => {
    const mark = newMark();
    const context = await workshop.write('stubborn', { Dockerfile: stubborn(mark) });
    const before = await state(mark);
    const child = await startUntil(context, / started$/m);
    expect((await processesWith(mark)).length).toBeGreaterThan(2);
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(130);
    expect(await state(mark)).toEqual(before);
  });

  inSandbox('when a terminal that closes says so twice', async () => {
    const mark = newMark();
    const context = await workshop.write('closed', { Dockerfile: stubborn(mark) });
    const before = await state(mark);
    const child = await startUntil(context, / started$/m);
    child.kill('SIGHUP');
    child.kill('SIGHUP');
    await once(child, 'exit');
    expect(child.exitCode).toBe(129);
    expect(await state(mark)).toEqual(before);
  });

  inSandbox('when nobody reads its log any more', async () => {
    const mark = newMark();
    const endless = `FROM busybox\nRUN echo started; while true; do echo ${mark}; sleep 0.1; done\n`;
    const context = await workshop.write('unread', { Dockerfile: endless });
    const before = await state(mark);
    const child = await startUntil(context, / started$/m);
    child.stderr.destroy();
    await once(child, 'exit');
    expect(child.exitCode).toBe(141);
    expect(await state(mark)).toEqual(before);
  });

  test('when Ctrl+C comes while files are copied', async () => {
    const context = await workshop.write('large', { Dockerfile: 'FROM busybox\nCOPY big /\n' });
    await writeFile(join(context, 'big'), Buffer.alloc(400 * 1024 * 1024, 'noise that does not end'));
    const mark = newMark();
    const before = await state(mark);
    const child = await startUntil(context, /COPY big/);
    child.kill('SIGINT');
    await once(child, 'exit');
    expect(child.exitCode).toBe(130);
    expect(await state(mark)).toEqual(before);
  });

  inSandbox('once the next build starts, when the process was killed', async () => {
    const mark = newMark();
    const context = await workshop.write('killed', { Dockerfile: stubborn(mark) });
    const before = await state(mark);
    const child = await startUntil(context, / started$/m);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect.poll(() => processesWith(mark), { timeout: 5000 }).toEqual([]);
    const next = await workshop.write('next', { Dockerfile: `FROM busybox\nRUN true # ${mark}\n` });
    await workshop.out(['build', '-q', next]);
    await workshop.varve(['prune', '-f']);
    expect(await hostMounts()).toEqual([]);
    expect((await files()).filter((path) => !path.startsWith('blobs/'))).toEqual(
      (before as { files: readonly string[] }).files.filter((path) => !path.startsWith('blobs/')),
    );
    expect(leases()).toEqual({ count: 0 });
  });

  inSandbox('when nobody takes note of the ends of orphans, as in a container without an init', async () => {
    const mark = newMark();
    const context = await onLargeBase(`on-large-${mark}`);
    const before = await state(mark);
    const args = ['build', '--progress', 'plain', context];
    const end = await endUnderIdleInit(workshop.root, args, { when: 'unpacking-*/large', signal: 'SIGINT' });
    expect(end).toBe(130);
    expect(await state(mark)).toEqual(before);
  });

  inSandbox('once the next build starts, when it was killed while it unpacked a layer', async () => {
    const mark = newMark();
    const context = await onLargeBase(`on-large-${mark}`);
    const before = await leftovers();
    const child = startVarve(workshop.root, ['build', '--progress', 'plain', context]);
    child.stderr.resume();
    await expect.poll(unpacking, { interval: 5, timeout: 20_000 }).toBe(1);
    child.kill('SIGKILL');
    await once(child, 'exit');
    await expect.poll(() => processesWith(workshop.root), { timeout: 5000 }).toEqual([]);
    const next = await workshop.write('next-2', { Dockerfile: `FROM busybox\nRUN true # ${mark}\n` });
    await workshop.out(['build', '-q', next]);
    expect(await leftovers()).toEqual(before);
  });

  test('and says so in one line, when Ctrl+C comes while the context is fetched', async () => {
    await using server = await stallingServer();
    const before = await leftovers();
    const child = startVarve(workshop.root, ['build', `${server.url}.tar`]);
    const said = text(child.stderr);
    await server.asked;
    child.kill('SIGINT');
    await once(child, 'exit');
    expect([child.exitCode, await said, await leftovers()]).toEqual([130, 'varve: cancelled\n', before]);
  });

  test('once the next command starts, when it was killed while it downloaded', async () => {
    await using server = await stallingServer();
    const temporary = await workshop.write('tmp', {});
    const before = await leftovers();
    const context = await workshop.write('download', { Dockerfile: `FROM scratch\nADD ${server.url} /\n` });
    const child = startVarve(workshop.root, ['build', context], { env: { TMPDIR: temporary } });
    await server.asked;
    child.kill('SIGKILL');
    await once(child, 'exit');
    expect(await readdir(join(workshop.root, 'ingest'))).toHaveLength(1);
    await workshop.out(['images']);
    expect([await leftovers(), await readdir(temporary)]).toEqual([before, []]);
  });

  inSandbox('when it is killed while it waits for a cache mount that another build has locked', async () => {
    const mount = '--mount=type=cache,id=locked,sharing=locked,target=/c';
    const mark = newMark();
    const first = await workshop.write('first', {
      Dockerfile: `FROM busybox\nRUN ${mount} echo started; sleep ${mark}\n`,
    });
    const holder = await startUntil(first, / started$/m);
    const second = await workshop.write('second', {
      Dockerfile: `FROM busybox\nRUN ${mount} true ${mark}\n`,
    });
    const locking = async (): Promise<number> =>
      (await processesWith(join(workshop.root, 'cache-mounts'))).length;
    const held = await locking();
    const waiter = startVarve(workshop.root, ['build', second]);
    await expect.poll(locking, { timeout: 20_000 }).toBeGreaterThan(held);
    waiter.kill('SIGKILL');
    await once(waiter, 'exit');
    await expect.poll(locking, { timeout: 5000 }).toBe(held);
    holder.kill('SIGINT');
    await once(holder, 'exit');
    expect(await processesWith(mark)).toEqual([]);
  });
});

test('a standard output that takes nothing more is an error', async () => {
  const { root } = workshop;
  const end = promisify(execFile)('sh', ['-c', '"$0" images > /dev/full', VARVE], {
    env: { ...process.env, ...VARVE_SOURCE, VARVE_ROOT: root },
  });
  await expect(end).rejects.toMatchObject({
    code: 1,
    stderr: 'varve: standard output: no space left on device, write\n',
  });
});
