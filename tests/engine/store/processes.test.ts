import { spawn, type ChildProcessWithoutNullStreams } from 'node:child_process';
import { once } from 'node:events';
import { cpSync, mkdirSync, readdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { describe, expect, onTestFinished, test } from 'vitest';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { blobsOf, pruneAll, putTagged, ref, temporaryFolder, temporaryStore } from './store-fixture.ts';

const CHILD = join(import.meta.dirname, 'store-child.ts');

/** Starts a process that works on the store; it is killed when the test ends. */
function start(root: string, task: string, argument = ''): ChildProcessWithoutNullStreams {
  const child = spawn(process.execPath, ['--no-warnings', CHILD, root, task, argument]);
  onTestFinished(() => void child.kill('SIGKILL'));
  return child;
}

/** Its exit code, or the signal that ended it, and what it said. */
async function ended(
  child: ChildProcessWithoutNullStreams,
): Promise<{ exit: number | string; output: string }> {
  let output = '';
  child.stdout.on('data', (text: Buffer) => (output += text.toString()));
  child.stderr.on('data', (text: Buffer) => (output += text.toString()));
  const [code, signal] = (await once(child, 'close')) as [number | null, string | null];
  return { exit: code ?? signal ?? '', output };
}

async function firstLine(child: ChildProcessWithoutNullStreams): Promise<string> {
  const [line] = (await once(createInterface(child.stdout), 'line')) as [string];
  return line;
}

/** What must hold after anything that may happen (R9). */
async function expectSound(store: Store): Promise<void> {
  expect((await store.verify({})).broken).toEqual([]);
  for (const { digest } of store.tags.list()) expect(await store.blobs.has(digest)).toBe(true);
  expect(readdirSync(join(store.root, 'ingest'))).toEqual([]);
  expect(readdirSync(join(store.root, 'trash'))).toEqual([]);
}

describe('several processes at once', () => {
  test('put the same blobs and move the same tag, and nothing is lost', async () => {
    const root = join(temporaryFolder(), 'store');
    const children = ['a', 'b', 'c'].map((name) => start(root, 'compete', name));
    expect(await Promise.all(children.map(ended))).toEqual(
      children.map(() => ({ exit: 0, output: 'done after 0 calls\n' })),
    );
    const store = await temporaryStore({ root });
    await expectSound(store);
    expect(store.tags.list()).toHaveLength(3 * 25 + 1);
    const history = store.tags.history(ref('shared:1'));
    for (const [i, event] of history.entries()) expect(event.from).toBe(history[i + 1]?.to);
    expect(store.tags.get(ref('shared:1'))?.digest).toBe(history[0]?.to);
  });

  test('prune while others build: what a tag needs is never taken', async () => {
    const root = join(temporaryFolder(), 'store');
    const children = [start(root, 'compete', 'a'), start(root, 'prune-often'), start(root, 'compete', 'b')];
    expect((await Promise.all(children.map(ended))).map(({ exit, output }) => [exit, output])).toEqual(
      children.map(() => [0, 'done after 0 calls\n']),
    );
    const store = await temporaryStore({ root });
    await expectSound(store);
    expect(store.tags.list()).toHaveLength(2 * 25 + 1);
  });

  test("hear of each other's changes", async () => {
    const store = await temporaryStore();
    const child = start(store.root, 'tag-on-input');
    const result = ended(child);
    await firstLine(child);
    const changed = new Promise<void>((resolve) => {
      onTestFinished(store.onChange(resolve));
    });
    child.stdin.write('go\n');
    await changed;
    expect((await result).exit).toBe(0);
    expect(store.tags.list().map((tag) => tag.name)).toEqual(['docker.io/library/other:1']);
  });
});

describe('a process that is killed', () => {
  test('leaves no half-written blob behind', async () => {
    const root = join(temporaryFolder(), 'store');
    const child = start(root, 'ingest');
    await firstLine(child);
    const beside = await openStore({ root });
    expect(readdirSync(join(root, 'ingest'))).toHaveLength(1);
    await beside.close();
    child.kill('SIGKILL');
    await once(child, 'close');
    const store = await temporaryStore({ root });
    await expectSound(store);
  });

  test('lets go of its leases, and not before', async () => {
    const store = await temporaryStore();
    const child = start(store.root, 'hold');
    await firstLine(child);
    expect((await store.prune(pruneAll)).blobs).toBe(0);
    expect(await blobsOf(store)).toEqual([digestOf('leased')]);
    child.kill('SIGKILL');
    await once(child, 'close');
    expect((await store.prune(pruneAll)).blobs).toBe(1);
  });
});

const AT_ONCE = 4;

/** Kills a process at its first, second, third… call to the file system until one gets through; answers which. */
async function killAtEveryCall(
  task: string,
  prepare: (store: Store) => Promise<void>,
  check: (store: Store) => Promise<void>,
): Promise<number> {
  const prepared = join(temporaryFolder(), 'store');
  const before = await openStore({ root: prepared });
  await prepare(before);
  await before.close();
  const killAt = async (at: number): Promise<boolean> => {
    const root = join(temporaryFolder(), 'store');
    cpSync(prepared, root, { recursive: true });
    const { exit, output } = await ended(start(root, `${task}@`, String(at)));
    expect([0, 'SIGKILL'], output).toContain(exit);
    const store = await openStore({ root });
    await expectSound(store);
    await check(store);
    await store.close();
    return exit === 0;
  };
  for (let at = 1; ; at += AT_ONCE) {
    const finished = await Promise.all(Array.from({ length: AT_ONCE }, (_, i) => killAt(at + i)));
    if (finished.includes(true)) return at + finished.indexOf(true);
  }
}

describe('killed at every single call to the file system', () => {
  test('while it puts and tags an image: the old state or the new one', { timeout: 300_000 }, async () => {
    const calls = await killAtEveryCall(
      'put',
      async (store) => void (await putTagged(store, 'app:1', 'old')),
      async (store) => {
        const names = store.tags.list().map((tag) => tag.name);
        expect(['docker.io/library/app:1', 'docker.io/library/app:2'].slice(0, names.length)).toEqual(names);
        await store.prune({ ...pruneAll, graceMs: 0 });
        expect(await blobsOf(store)).toHaveLength(names.length === 1 ? 3 : 5);
        expect(readdirSync(join(store.root, 'blobs/sha256'))).toHaveLength(names.length === 1 ? 3 : 5);
      },
    );
    expect(calls).toBeGreaterThan(15);
  });

  test(
    'while it prunes: what tags need is there, and pruning again ends it',
    { timeout: 300_000 },
    async () => {
      const calls = await killAtEveryCall(
        'prune',
        async (store) => {
          await putTagged(store, 'app:1', 'old');
          await putTagged(store, 'app:1', 'new');
          await store.blobs.put(Buffer.from('orphan'));
        },
        async (store) => {
          expect(store.tags.list()).toHaveLength(1);
          await store.prune({ ...pruneAll, graceMs: 0 });
          expect(await blobsOf(store)).toHaveLength(3);
          expect(readdirSync(join(store.root, 'blobs/sha256'))).toHaveLength(3);
        },
      );
      expect(calls).toBeGreaterThan(10);
    },
  );

  test('while it recovers: opening again ends it', { timeout: 300_000 }, async () => {
    const calls = await killAtEveryCall(
      'open',
      async (store) => {
        const image = await putTagged(store, 'app:1', 'old');
        const bin = join(store.root, 'trash/1-0-0-gone.ab');
        mkdirSync(bin);
        renameSync(store.blobs.pathOf(image.layer), join(bin, image.layer.slice(7)));
        renameSync(store.blobs.pathOf(image.config), join(bin, image.config.slice(7)));
        writeFileSync(join(bin, 'a'.repeat(64)), 'was pruned');
        writeFileSync(join(store.root, 'ingest/1-0-0-gone.cd'), 'half');
      },
      async (store) => {
        expect(await blobsOf(store)).toHaveLength(3);
        expect(readdirSync(join(store.root, 'blobs/sha256'))).toHaveLength(3);
      },
    );
    expect(calls).toBeGreaterThan(10);
  });
});
