import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { RootFs } from '../../../src-main/engine/filetree/root-fs.ts';
import { tarOf } from '../support/archives.ts';
import { file, folder, hardlink, type Member } from '../support/layers.ts';
import { openBuildBench, type BuildBench } from './build-fixture.ts';

async function benchWith(members: readonly Member[], dockerfile: string): Promise<BuildBench> {
  const bench = await openBuildBench({ Dockerfile: dockerfile, a: 'a' });
  await writeFile(join(bench.context, 'a.tar'), tarOf(members));
  return bench;
}

async function unpacked(members: readonly Member[], flags = ''): Promise<RootFs> {
  const bench = await benchWith(members, `FROM scratch\nADD ${flags} a.tar /s/\n`);
  return (await bench.build()).rootFs;
}

test('an archive’s hard link gives its file the owner, mode and time that the link’s entry names', async () => {
  const rootFs = await unpacked([
    file('f', 'text', { mode: 0o640, uid: 5, mtime: 1 }),
    { entry: { ...hardlink('h', 'f').entry, mode: 0o600, uid: 7, mtime: 9 } },
  ]);
  expect(['/s/f', '/s/h'].map((path) => rootFs.lstat(path)?.entry)).toMatchObject([
    { mode: 0o600, uid: 7, mtime: 9 },
    { mode: 0o600, uid: 7, mtime: 9 },
  ]);
  expect(rootFs.lstat('/s/f')?.inode).toBe(rootFs.lstat('/s/h')?.inode);
});

test('file capabilities are the only extended attributes that a layer keeps', async () => {
  const value = new Uint8Array([1, 0, 0, 2]);
  const xattrs = new Map([
    ['security.capability', value],
    ['user.note', new Uint8Array([65])],
  ]);
  const rootFs = await unpacked([
    file('f', 'x', { xattrs }),
    folder('d', { xattrs: new Map([['user.x', value]]) }),
  ]);
  expect(Array.from(rootFs.lstat('/s/f')?.entry.xattrs.keys() ?? [])).toEqual(['security.capability']);
  expect(rootFs.lstat('/s/d')?.entry.xattrs.size).toBe(0);
});

test('a time before 1970 becomes 1970', async () => {
  expect((await unpacked([file('f', '', { mtime: -5 })])).lstat('/s/f')?.entry.mtime).toBe(0);
});

test('--chmod plays no part for an archive, nor for the folders that it needs', async () => {
  const rootFs = await unpacked([file('d/f', 'x', { mode: 0o640 })], '--chmod=700');
  expect(['/s', '/s/d', '/s/d/f'].map((path) => rootFs.lstat(path)?.entry.mode)).toEqual([
    0o755, 0o755, 0o640,
  ]);
});

test('an archive with a name that leads out of it is refused, not copied as a file', async () => {
  const bench = await benchWith([file('../up', 'x')], 'FROM scratch\nADD a.tar /s/\n');
  await expect(bench.build()).rejects.toMatchObject({ code: 'CORRUPT', location: { line: 2 } });
});
