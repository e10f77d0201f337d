import { EngineError } from '../../contract/errors.ts';
import type { RootFs, RootFsNode } from '../filetree/root-fs.ts';
import { createTarEntry, type TarEntry } from '../tar/tar-entry.ts';

export type TargetKind = 'file' | 'directory';

/**
 * Finds where mounts go in a root file system and what must be added to it first so that each target exists. What is
 * added lies in a lower layer of its own, over the image's and under the command's, so that it leaves no trace in what
 * the command changed. Everything is decided on the layer indexes: no path is looked up on the host (S1).
 */
export class MountTargets {
  readonly #rootFs: RootFs;
  readonly #stubs = new Map<string, TarEntry>();

  constructor(rootFs: RootFs) {
    this.#rootFs = rootFs;
  }

  /**
   * The target with every link on the way resolved, made with this mode when it is not there. BUILD_FAILED when it
   * cannot be.
   */
  place(target: string, kind: TargetKind, mode?: number): string {
    const found = this.#rootFs.resolve(target, { followLast: true });
    const existing = found.node?.entry ?? this.#stubs.get(found.path);
    if (existing === undefined) this.#addStub(found.path, kind, mode);
    else checkKind(target, existing.type, kind);
    return found.path;
  }

  /** The mode of what is at the target already. */
  modeOf(target: string): number | undefined {
    const found = this.#rootFs.resolve(target, { followLast: true });
    return (found.node?.entry ?? this.#stubs.get(found.path))?.mode;
  }

  /** Shows a folder of the image as the image has it, where a layer above hides that by not listing it. */
  restore(path: string): void {
    if (this.#rootFs.lstat(path)?.entry.type !== 'directory') return;
    for (const folder of [...parentsOf(path), path]) this.#addFolder(folder);
  }

  /** What is added, parents first, with paths relative to the root. */
  entries(): readonly TarEntry[] {
    return [...this.#stubs.values()];
  }

  #addStub(path: string, kind: TargetKind, mode: number | undefined): void {
    for (const folder of parentsOf(path)) this.#addFolder(folder);
    this.#stubs.set(
      path,
      createTarEntry({ path: path.slice(1), type: kind, ...(mode === undefined ? {} : { mode }) }),
    );
  }

  /** A folder that exists is named again as it is: the topmost layer's owner, mode and times count. */
  #addFolder(path: string): void {
    if (this.#stubs.has(path)) return;
    const node = this.#rootFs.lstat(path);
    this.#stubs.set(path, node === undefined ? newFolder(path) : sameFolder(node));
  }
}

function newFolder(path: string): TarEntry {
  return createTarEntry({ path: path.slice(1), type: 'directory' });
}

/** The entry of a folder as it is seen, under its own path. */
export function sameFolder(node: RootFsNode): TarEntry {
  const { mode, uid, gid, mtime, xattrs } = node.entry;
  return createTarEntry({ path: node.path.slice(1), type: 'directory', mode, uid, gid, mtime, xattrs });
}

/** The folders above a path without the root, outermost first. */
function parentsOf(path: string): readonly string[] {
  const names = path.slice(1).split('/').slice(0, -1);
  return names.map((_, index) => `/${names.slice(0, index + 1).join('/')}`);
}

function checkKind(target: string, type: TarEntry['type'], kind: TargetKind): void {
  if ((type === 'directory') === (kind === 'directory')) return;
  const there = type === 'directory' ? 'a folder' : 'no folder';
  const needed = kind === 'directory' ? 'a folder' : 'a file';
  throw new EngineError(
    'BUILD_FAILED',
    `cannot mount ${needed} at ${target}: ${there} is there in the image`,
  );
}
