import { readFile } from 'node:fs/promises';
import { openLayerWriter } from '../../../src-main/engine/filetree/open-layer-writer.ts';
import type { StoredLayer } from '../../../src-main/engine/filetree/layer-writer.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { createTarEntry } from '../../../src-main/engine/tar/tar-entry.ts';
import type { TreeEntry } from '../../../src-main/engine/sandbox/tar-stream.ts';

const TIME = 1_700_000_000;
const APPLETS = [
  'cat',
  'chgrp',
  'chmod',
  'chown',
  'cp',
  'echo',
  'env',
  'false',
  'find',
  'grep',
  'head',
  'hostname',
  'id',
  'ln',
  'ls',
  'mkdir',
  'mknod',
  'mount',
  'mv',
  'ps',
  'readlink',
  'rm',
  'rmdir',
  'sh',
  'sleep',
  'sort',
  'stat',
  'touch',
  'tr',
  'true',
  'umask',
  'unshare',
  'wc',
  'dd',
  'df',
  'setsid',
  'nc',
];

/** A folder. */
export function folder(path: string, given: { mode?: number; uid?: number; gid?: number } = {}): TreeEntry {
  return { entry: createTarEntry({ path, type: 'directory', mtime: TIME, ...given }) };
}

export function file(
  path: string,
  text: string | Uint8Array,
  given: { mode?: number; uid?: number; gid?: number } = {},
): TreeEntry {
  const content = Buffer.from(text);
  return {
    entry: createTarEntry({ path, type: 'file', sizeBytes: content.length, mtime: TIME, ...given }),
    content,
  };
}

export function link(path: string, target: string): TreeEntry {
  return { entry: createTarEntry({ path, type: 'symlink', link: target, mtime: TIME }) };
}

export function hardLink(path: string, target: string): TreeEntry {
  return { entry: createTarEntry({ path, type: 'hardlink', link: target, mtime: TIME }) };
}

/** Puts a layer of these entries into a store. */
export async function putLayer(store: Store, entries: readonly TreeEntry[]): Promise<StoredLayer> {
  const writer = await openLayerWriter(store, { compression: 'none' });
  for (const { entry, content } of entries) await writer.add(entry, content);
  return writer.commit();
}

/** A root file system of Debian's static busybox, with two users and a few folders. */
export async function putBusybox(store: Store): Promise<StoredLayer> {
  return putLayer(store, [
    folder('bin'),
    file('bin/busybox', await readFile('/bin/busybox'), { mode: 0o755 }),
    ...APPLETS.map((name) => link(`bin/${name}`, 'busybox')),
    folder('etc'),
    file('etc/group', 'root:x:0:\nstaff:x:50:ada\napp:x:1000:\n'),
    file('etc/passwd', 'root:x:0:0:root:/root:/bin/sh\nada:x:1000:1000::/home/ada:/bin/sh\n'),
    folder('home'),
    folder('home/ada', { uid: 1000, gid: 1000 }),
    folder('opt'),
    file('opt/one', '1\n'),
    file('opt/two', '2\n'),
    folder('tmp', { mode: 0o1777 }),
  ]);
}
