import { describe, expect, test, vi } from 'vitest';
import type { FileRow } from '../../../src-main/contract/files-api.ts';
import { FileTree, type Page } from '../../../src-renderer/state/file-tree.svelte.ts';
import { fileRow } from '../support/file-row.ts';

const FOLDERS: Readonly<Record<string, readonly FileRow[]>> = {
  '/': [
    fileRow('/etc', { type: 'directory', children: 2 }),
    fileRow('/usr', { type: 'directory', children: 200_000 }),
    fileRow('/empty', { type: 'directory' }),
    fileRow('/readme'),
  ],
  '/etc': [fileRow('/etc/conf', { type: 'directory', children: 1 }), fileRow('/etc/passwd')],
  '/etc/conf': [fileRow('/etc/conf/a')],
};

function childrenOf(path: string, offset: number, limit: number): Page {
  if (path !== '/usr') {
    const rows = FOLDERS[path] ?? [];
    return { rows: rows.slice(offset, offset + limit), total: rows.length };
  }
  const count = Math.min(limit, 200_000 - offset);
  return { rows: Array.from({ length: count }, (_, i) => fileRow(`/usr/${offset + i}`)), total: 200_000 };
}

async function openTree() {
  const load = vi.fn((path: string, offset: number, limit: number) =>
    Promise.resolve(childrenOf(path, offset, limit)),
  );
  const tree = new FileTree(load);
  await settled(tree, 4);
  return { tree, load };
}

async function settled(tree: FileTree, count: number): Promise<void> {
  await vi.waitFor(() => expect(tree.count).toBe(count));
}

function shown(tree: FileTree): readonly string[] {
  return Array.from({ length: tree.count }, (_, i) => tree.rowAt(i).file?.path ?? '…');
}

describe('the tree of files', () => {
  test('shows the top folder first and nothing below it', async () => {
    const { tree } = await openTree();
    expect(shown(tree)).toEqual(['/etc', '/usr', '/empty', '/readme']);
    expect(tree.rowAt(0).expanded).toBe(false);
    expect([tree.rowAt(2).expanded, tree.rowAt(3).expanded]).toEqual([undefined, undefined]);
  });

  test('opens folders within folders and closes them again', async () => {
    const { tree } = await openTree();
    tree.expand(0);
    await settled(tree, 6);
    tree.expand(1);
    await settled(tree, 7);
    expect(shown(tree)).toEqual([
      '/etc',
      '/etc/conf',
      '/etc/conf/a',
      '/etc/passwd',
      '/usr',
      '/empty',
      '/readme',
    ]);
    expect(tree.rowAt(2)).toMatchObject({ level: 3, position: 1, siblings: 1 });
    tree.collapse(0);
    expect(shown(tree)).toEqual(['/etc', '/usr', '/empty', '/readme']);
  });

  test('knows the folder of a row and the row of a path', async () => {
    const { tree } = await openTree();
    tree.expand(0);
    await settled(tree, 6);
    tree.expand(1);
    await settled(tree, 7);
    expect([tree.parentOf(2), tree.parentOf(3), tree.parentOf(0)]).toEqual([1, 0, undefined]);
    expect(['/etc/conf/a', '/etc/passwd', '/readme', '/gone'].map((path) => tree.positionOf(path))).toEqual([
      2, 3, 6, -1,
    ]);
  });

  test('reads a folder of 200,000 entries page by page, only where it is looked at', async () => {
    const { tree, load } = await openTree();
    tree.expand(1);
    await settled(tree, 200_004);
    expect(tree.rowAt(150_002).file).toBeUndefined();
    await vi.waitFor(() => expect(tree.rowAt(150_002).file?.path).toBe('/usr/150000'));
    expect(tree.rowAt(200_003).file?.path).toBe('/readme');
    expect(load.mock.calls.map(([path, offset]) => [path, offset])).toEqual([
      ['/', 0],
      ['/usr', 0],
      ['/usr', 150_000],
    ]);
  });

  test('tells when a folder cannot be read', async () => {
    const tree = new FileTree(() => Promise.reject(new Error('the layer is broken')));
    await vi.waitFor(() => expect(tree.failure?.message).toBe('the layer is broken'));
  });

  test('takes no answer after it was closed', async () => {
    let answer = (_page: Page): void => undefined;
    const tree = new FileTree(() => new Promise((resolve) => (answer = resolve)));
    tree.close();
    answer(childrenOf('/', 0, 10));
    await Promise.resolve();
    expect(tree.version).toBe(0);
  });
});
