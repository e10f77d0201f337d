import { utimes } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { RootFs } from '../../../src-main/engine/filetree/root-fs.ts';
import { openBuildBench } from './build-fixture.ts';

const ACCOUNTS = {
  passwd: 'root:x:0:0::/:\njoe:x:1001:1002::/:\n',
  group: 'root:x:0:\nstaff:x:50:\n',
};

/** `mode uid:gid` of a path. */
function metadataOf(rootFs: RootFs, path: string): string {
  const { mode = 0, uid, gid } = rootFs.lstat(path)?.entry ?? {};
  return `${mode.toString(8)} ${uid}:${gid}`;
}

describe('--chown', () => {
  test.each([
    ['joe', '1001:1002'],
    ['joe:staff', '1001:50'],
    ['joe:7', '1001:7'],
    ['joe:', '1001:0'],
    [':staff', '0:50'],
    ['5', '5:5'],
    ['5:6', '5:6'],
    ['root', '0:0'],
    ['-6:-1', '4294967290:0'],
    ['nobody', '0:0'],
    ['nobody:staff', '0:50'],
    ['joe:nobody', '1001:1002'],
  ])('%s is %s', async (owner, ids) => {
    const bench = await openBuildBench({
      ...ACCOUNTS,
      Dockerfile: `FROM scratch\nCOPY passwd group /etc/\nCOPY --chown=${owner} passwd /a/b\n`,
    });
    const { rootFs } = await bench.build();
    expect([metadataOf(rootFs, '/a'), metadataOf(rootFs, '/a/b')]).toEqual([`755 ${ids}`, `644 ${ids}`]);
  });

  test('of a name that nobody has in the image says in the step’s output that root gets the files', async () => {
    const bench = await openBuildBench({
      Dockerfile: 'FROM scratch\nCOPY a /a\nCOPY --chown=web a /b\n',
      a: 'a',
    });
    const { events } = await bench.build();
    expect(events.filter((event) => event.type === 'step-output')).toMatchObject([
      { step: '0.2', text: "--chown=web: the image has no user web; root's number is taken\n" },
    ]);
  });

  test('of a name in an image without any file is an error', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY --chown=web a /\n', a: 'a' });
    await expect(bench.build()).rejects.toMatchObject({ code: 'NOT_FOUND', location: { line: 2 } });
  });
});

describe('--chmod', () => {
  test.each([
    ['700', ['700', '700', '700']],
    ['4711', ['711', '711', '4711']],
    ['777', ['755', '755', '777']],
    ['g+w', ['755', '755', '664']],
  ])('%s gives new folders and the file the modes %j', async (chmod, modes) => {
    const bench = await openBuildBench({
      Dockerfile: `FROM scratch\nCOPY --chmod=${chmod} a /p/q/a\n`,
      a: 'a',
    });
    const { rootFs } = await bench.build();
    expect(['/p', '/p/q', '/p/q/a'].map((path) => rootFs.lstat(path)?.entry.mode.toString(8))).toEqual(modes);
  });

  test('leaves the group of a set-group-ID folder to what is made in it', async () => {
    const bench = await openBuildBench({
      Dockerfile: 'FROM scratch\nCOPY --chown=0:8 --chmod=2750 d /s\nCOPY --chmod=700 a /s/own/n/m/a\n',
      'd/own/x': 'x',
      a: 'a',
    });
    const { rootFs } = await bench.build();
    const folders = ['/s/own', '/s/own/n', '/s/own/n/m'].map((path) => metadataOf(rootFs, path));
    expect(folders).toEqual(['2750 0:8', '2700 0:8', '2700 0:8']);
  });
});

describe('the time of a folder that is there already', () => {
  const files = { 'full/a': 'a', 'empty/.keep': '', Dockerfile: '' };

  async function timeAfter(instruction: string): Promise<number | undefined> {
    const dockerfile = `FROM scratch\nWORKDIR /there\n${instruction}\n`;
    const bench = await openBuildBench({
      ...files,
      Dockerfile: dockerfile,
      '.dockerignore': 'empty/.keep\n',
    });
    await utimes(join(bench.context, 'full'), 1_000_000_000, 1_000_000_000);
    await utimes(join(bench.context, 'empty'), 1_000_000_000, 1_000_000_000);
    const { rootFs } = await bench.build({ sourceDateEpoch: undefined });
    return rootFs.lstat('/there')?.entry.mtime;
  }

  test('becomes the source folder’s when something is copied into it', async () => {
    expect(await timeAfter('COPY full /there')).toBe(1_000_000_000);
  });

  test('stays when the source folder is empty', async () => {
    expect(await timeAfter('COPY empty /there')).toBeGreaterThan(1_000_000_000);
  });
});

describe('WORKDIR', () => {
  test.each([
    ['/x//y/../z/', '/x//y/../z/'],
    ['//', '//'],
    ['/a/.', '/a/.'],
    ['b//c/', '/w/b/c'],
    ['..', '/'],
  ])('%s after /w is %s: only a path that is joined becomes clean', async (written, workingDir) => {
    const bench = await openBuildBench({ Dockerfile: `FROM scratch\nWORKDIR /w\nWORKDIR ${written}\n` });
    const { image } = await bench.build();
    expect(image.config.config?.WorkingDir).toBe(workingDir);
  });
});
