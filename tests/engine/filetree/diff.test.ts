import { expect, test } from 'vitest';
import { diffTrees, summarizeLayer } from '../../../src-main/engine/filetree/diff.ts';
import {
  findInView,
  toFileRow,
  viewOfLayer,
  viewOfTree,
} from '../../../src-main/engine/filetree/file-view.ts';
import { stackPrefixes } from '../../../src-main/engine/filetree/stack-root-fs.ts';
import type { StackedRootFs } from '../../../src-main/engine/filetree/stacked-root-fs.ts';
import { file, folder, writeLayer } from '../support/layers.ts';
import { tempStore } from '../support/temp-store.ts';

async function twoStacks(): Promise<readonly [StackedRootFs, StackedRootFs]> {
  const store = await tempStore();
  const below = await writeLayer(store, [
    folder('etc'),
    file('etc/same', 'same', { mtime: 1 }),
    file('etc/changed', 'before'),
    file('etc/mode', 'm'),
    folder('gone'),
    file('gone/file', '12345'),
    file('untouched/file', '1'),
  ]);
  const above = await writeLayer(store, [
    folder('etc'),
    file('etc/same', 'same', { mtime: 2 }),
    file('etc/changed', 'now'),
    file('etc/mode', 'm', { mode: 0o755 }),
    file('etc/new/file', 'new!'),
    file('.wh.gone'),
  ]);
  const [, one, two] = await stackPrefixes(store, [below, above]);
  return [one!, two!];
}

test('a layer is told by four words, and times are no change', async () => {
  const [below, above] = await twoStacks();
  const differences = [...diffTrees(below.tree, above.tree)].map(({ path, change }) => `${change} ${path}`);
  expect(differences).toEqual([
    'modified /etc/changed',
    'modified /etc/mode',
    'added /etc/new',
    'added /etc/new/file',
    'removed /gone',
    'removed /gone/file',
  ]);
  expect(summarizeLayer(below.tree, above.tree)).toEqual({
    added: 2,
    modified: 2,
    removed: 2,
    wastedBytes: 'same'.length + 'before'.length + 'm'.length + '12345'.length,
  });
});

test('the view of a layer has what it brought and removed, and the folders on the way', async () => {
  const [below, above] = await twoStacks();
  const view = viewOfLayer(below.tree, above.tree);
  const rows = (path: string): readonly string[] =>
    findInView(view, path)!
      .children.map(toFileRow)
      .map(({ path: at, change, sizeBytes }) => `${change} ${at} ${sizeBytes}`);
  expect(rows('/')).toEqual(['modified /etc 12', 'removed /gone 5']);
  expect(rows('/etc')).toEqual([
    'added /etc/new 4',
    'modified /etc/changed 3',
    'modified /etc/mode 1',
    'unmodified /etc/same 4',
  ]);
  expect(rows('/gone')).toEqual(['removed /gone/file 5']);
});

test('the view of a whole stack is unmodified and sums up its folders', async () => {
  const [, above] = await twoStacks();
  expect(viewOfTree(above.tree).children.map(toFileRow)).toMatchObject([
    { path: '/etc', change: 'unmodified', sizeBytes: 12, children: 4, layer: 1 },
    { path: '/untouched', change: 'unmodified', sizeBytes: 1, children: 1, layer: -1 },
  ]);
});
