import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import Database from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { startVarve } from '../fixtures/varve-cli.ts';
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

async function state(mark: string): Promise<object> {
  return {
    files: await files(),
    mounts: await hostMounts(),
    leases: leases(),
    processes: [...(await processesWith(mark)), ...(await processesWith(workshop.root))],
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
});
