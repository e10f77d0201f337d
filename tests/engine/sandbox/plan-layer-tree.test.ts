import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { planLayerTree, type LayerTree } from '../../../src-main/engine/sandbox/plan-layer-tree.ts';
import { createTarEntry, type TarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import { file, folder, hardLink, link } from './busybox-layer.ts';
import type { TreeEntry } from '../../../src-main/engine/sandbox/tar-stream.ts';

const MAPPED = { uid: 65_537, gid: 65_537 };

function plan(entries: readonly TreeEntry[], devices = false): LayerTree {
  return planLayerTree(
    entries.map(({ entry }) => entry),
    { diffId: digestOf('layer'), devices, idLimits: MAPPED },
  );
}

function device(path: string, devMajor: number): TreeEntry {
  return { entry: createTarEntry({ path, type: 'char', devMajor, devMinor: 0 }) };
}

/** What is written, in order: `path type`, with `!` for an opaque folder. */
function written({ before, entries }: LayerTree): readonly string[] {
  return [...before, ...entries.filter((entry): entry is TarEntry => entry !== undefined)].map((entry) => {
    return `${entry.path} ${entry.type}${entry.xattrs.has('user.overlay.opaque') ? '!' : ''}`;
  });
}

describe('the folder of a layer', () => {
  test('has whiteouts as devices, and opaque folders marked, whether or not they are listed', () => {
    const tree = plan([
      file('.wh.gone', ''),
      folder('listed'),
      file('listed/.wh..wh..opq', ''),
      file('implied/.wh..wh..opq', ''),
      file('implied/x', 'x'),
    ]);
    expect(written(tree)).toEqual(['implied directory!', 'gone char', 'listed directory!', 'implied/x file']);
  });

  test('hides what a removed path had below, when the layer makes it anew', () => {
    const made = plan([
      file('.wh.dir', ''),
      folder('dir'),
      file('.wh.file', ''),
      file('file', 'f'),
      file('.wh.in', ''),
      file('in/x', 'x'),
    ]);
    expect(written(made)).toEqual(['in directory!', 'dir directory!', 'file file', 'in/x file']);
  });

  test('has the last of several entries with one path', () => {
    expect(written(plan([file('a', '1'), link('a', 'elsewhere'), folder('d'), folder('d')]))).toEqual([
      'a symlink',
      'd directory',
    ]);
  });

  test('has no devices where none can be made, and never one that would be a whiteout', () => {
    const entries = [device('null', 1), device('hole', 0)];
    expect([written(plan(entries)), written(plan(entries, true))]).toEqual([[], ['null char']]);
  });

  test('passes over overlayfs attributes and those of the machine it was made on', () => {
    const xattrs = new Map(
      ['security.capability', 'security.selinux', 'trusted.x', 'user.overlay.redirect', 'user.own'].map(
        (name) => [name, Buffer.from('v')],
      ),
    );
    const tree = plan([{ entry: createTarEntry({ path: 'f', type: 'file', xattrs }) }]);
    expect([...(tree.entries[0]?.xattrs.keys() ?? [])]).toEqual(['security.capability', 'user.own']);
  });

  test('never leads through a link', () => {
    expect(() => plan([link('etc', '/etc'), file('etc/passwd', 'x')])).toThrow('which is no folder');
    expect(() => plan([file('etc/passwd', 'x'), link('etc', '/etc')])).toThrow('which is no folder');
    expect(() => plan([link('a', '..'), folder('a/b/c')])).toThrow('which is no folder');
  });

  test('has hard links only to what was written before them', () => {
    expect(() => plan([hardLink('b', 'a'), file('a', '')])).toThrow('which is not before it');
    expect(() => plan([hardLink('b', '../outside')])).toThrow('which is not before it');
    expect(() => plan([folder('a'), hardLink('b', 'a')])).toThrow('which is not before it');
  });

  test('cannot have owners that do not exist here', () => {
    expect(() => plan([file('a', '', { uid: 65_537 })])).toThrow('only ids below 65537 exist here');
  });
});
