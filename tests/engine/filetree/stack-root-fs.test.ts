import { describe, expect, test } from 'vitest';
import { pushLayer } from '../../../src-main/engine/filetree/push-layer.ts';
import { stackRootFs } from '../../../src-main/engine/filetree/stack-root-fs.ts';
import type { StackedRootFs } from '../../../src-main/engine/filetree/stacked-root-fs.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { file, folder, hardlink, symlink, writeLayer, type Member } from '../support/layers.ts';
import { tempStore } from '../support/temp-store.ts';

async function stack(store: Store, ...layers: (readonly Member[])[]): Promise<StackedRootFs> {
  const stored = [];
  for (const members of layers) stored.push(await writeLayer(store, members));
  return stackRootFs(store, stored);
}

function paths(rootFs: StackedRootFs): readonly string[] {
  return [...rootFs.walk('/')].map(({ path }) => path);
}

async function read(rootFs: StackedRootFs, path: string): Promise<string> {
  const node = rootFs.stat(path);
  if (node === undefined) return 'missing';
  const pieces: Buffer[] = [];
  for await (const piece of rootFs.open(node)) pieces.push(Buffer.from(piece));
  return Buffer.concat(pieces).toString();
}

describe('a stack of layers', () => {
  test('hides what whiteouts and opaque folders remove, wherever they are in the archive', async () => {
    const store = await tempStore();
    const below = [file('a/gone', '1'), file('a/kept', '2'), file('b/old', '3'), file('b/sub/old', '4')];
    const above = [file('b/new', '5'), file('a/.wh.gone'), file('b/.wh..wh..opq'), file('.wh.never')];
    const rootFs = await stack(store, below, above);
    expect(paths(rootFs)).toEqual(['/', '/a', '/a/kept', '/b', '/b/new']);
    expect(rootFs.lstat('/b/new')).toMatchObject({ layer: 1 });
    expect(rootFs.lstat('/a')).toMatchObject({
      layer: -1,
      entry: { mode: 0o755, uid: 0, type: 'directory' },
    });
  });

  test('keeps what the same layer brings under the name that it whites out', async () => {
    const store = await tempStore();
    const rootFs = await stack(store, [file('a/old', '1')], [folder('a'), file('a/new', '2'), file('.wh.a')]);
    expect(paths(rootFs)).toEqual(['/', '/a', '/a/new']);
  });

  test('puts files in the place of folders and folders in the place of files', async () => {
    const store = await tempStore();
    const rootFs = await stack(store, [file('a/b', '1'), file('c', '2')], [file('a', '3'), file('c/d', '4')]);
    expect(paths(rootFs)).toEqual(['/', '/a', '/c', '/c/d']);
    expect(await read(rootFs, '/a')).toBe('3');
  });

  test('gives a folder that is listed again its new mode and keeps its children', async () => {
    const store = await tempStore();
    const rootFs = await stack(store, [folder('a'), file('a/b', '1')], [folder('a', { mode: 0o700 })]);
    expect(rootFs.lstat('/a')).toMatchObject({ layer: 1, entry: { mode: 0o700 } });
    expect(await read(rootFs, '/a/b')).toBe('1');
  });

  test('reads hard links, also to files of lower layers, and knows them as one inode', async () => {
    const store = await tempStore();
    const rootFs = await stack(
      store,
      [file('a', 'below', { mode: 0o600 })],
      [file('x', 'here'), hardlink('y', 'x'), hardlink('b', 'a')],
    );
    expect([await read(rootFs, '/y'), await read(rootFs, '/b')]).toEqual(['here', 'below']);
    expect(rootFs.lstat('/b')).toMatchObject({ layer: 1, entry: { path: 'b', type: 'file', mode: 0o600 } });
    expect(rootFs.lstat('/b')?.inode).toBe(rootFs.lstat('/a')?.inode);
    expect(rootFs.lstat('/x')?.inode).not.toBe(rootFs.lstat('/a')?.inode);
  });

  test('is corrupt when a hard link names nothing', async () => {
    const store = await tempStore();
    await expect(stack(store, [hardlink('a', 'missing')])).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('lists children in byte order', async () => {
    const store = await tempStore();
    const rootFs = await stack(store, [
      file('b'),
      file('B'),
      file('\uffee'),
      file('\u{1f600}'),
      file('a-b'),
      file('a'),
    ]);
    expect(rootFs.children('/').map(({ path }) => path)).toEqual([
      '/B',
      '/a',
      '/a-b',
      '/b',
      '/\uffee',
      '/\u{1f600}',
    ]);
  });

  test('with one more layer on top leaves the one below as it was', async () => {
    const store = await tempStore();
    const below = await stack(store, [file('a/b', '1'), file('c/d', '2')]);
    const above = pushLayer(below, await writeLayer(store, [file('a/.wh.b'), file('a/e', '3')]));
    expect([paths(below), paths(above)]).toEqual([
      ['/', '/a', '/a/b', '/c', '/c/d'],
      ['/', '/a', '/a/e', '/c', '/c/d'],
    ]);
    expect(above.tree.children?.get('c')).toBe(below.tree.children?.get('c'));
  });
});

describe('a path in a root file system', () => {
  const members = [
    file('usr/bin/env', 'env'),
    symlink('bin', 'usr/bin'),
    symlink('usr/bin/up', '../../../../../usr/bin/env'),
    symlink('abs', '/usr/bin/env'),
    symlink('dangling', 'usr/new/file'),
    symlink('loop', 'loop2'),
    symlink('loop2', 'loop'),
  ];

  test('follows symbolic links and never leaves the root', async () => {
    const rootFs = await stack(await tempStore(), members);
    const found = ['/bin/env', '/usr/bin/up', '/abs', '/../../usr/./bin//env/'].map(
      (path) => rootFs.stat(path)?.path,
    );
    expect(found).toEqual(Array(4).fill('/usr/bin/env'));
    expect(rootFs.lstat('/bin')?.entry.type).toBe('symlink');
    expect([rootFs.stat('/dangling'), rootFs.stat('/loop'), rootFs.stat('/abs/below')]).toEqual(
      Array(3).fill(undefined),
    );
  });

  test('resolves as a write would', async () => {
    const rootFs = await stack(await tempStore(), members);
    const follow = { followLast: true };
    expect(rootFs.resolve('/dangling', follow)).toEqual({ path: '/usr/new/file', node: undefined });
    expect(rootFs.resolve('/bin/x/../y', follow)).toEqual({ path: '/usr/bin/y', node: undefined });
    expect(rootFs.resolve('/bin', { followLast: false })).toMatchObject({ path: '/bin' });
    for (const path of ['/loop', '/loop/x', '/abs/x']) {
      expect(() => rootFs.resolve(path, follow)).toThrow(expect.objectContaining({ code: 'INVALID_INPUT' }));
    }
  });
});

test(
  'a stack of 200,000 entries and 100,000 whiteouts takes no more than seconds',
  { timeout: 30_000 },
  async () => {
    const store = await tempStore();
    const below = Array.from({ length: 200_000 }, (_, i) => file(`d${i % 200}/file-${i}`, ''));
    const above = Array.from({ length: 100_000 }, (_, i) => file(`d${i % 200}/.wh.file-${i}`, ''));
    const rootFs = await stack(store, below, above);
    expect(paths(rootFs)).toHaveLength(100_201);
  },
);
