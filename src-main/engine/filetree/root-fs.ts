import type { LongOptions } from '../store/blob-store.ts';
import type { TocEntry } from './toc.ts';

/** A path in a stack of layers. */
export interface RootFsNode {
  /** Absolute, clean: `/usr/bin/env`; the root is `/`. */
  readonly path: string;
  /** For a hard link: the entry that it names, under this node's path. Folders that no layer lists are 0755 root's. */
  readonly entry: TocEntry;
  /** Position of the layer that the entry comes from; -1 for a folder that no layer lists. */
  readonly layer: number;
  /** Two nodes of the same inode are hard links of each other. */
  readonly inode: string;
}

/** What `resolve` answers: where a path leads inside the root, also when its last components do not exist. */
export interface ResolvedPath {
  /** The path with every symbolic link on the way resolved. */
  readonly path: string;
  readonly node: RootFsNode | undefined;
}

/**
 * A stack of layers as one read-only root file system: whiteouts and opaque folders applied, symbolic links resolved
 * inside it and never outside (S1). Nothing is unpacked. Immutable; free to share.
 */
export interface RootFs {
  readonly layerCount: number;
  /** The node at a path, without following a link in its last component. Links before that are followed. */
  lstat(path: string): RootFsNode | undefined;
  /** Like lstat, but follows the last component too; undefined when a link leads nowhere. */
  stat(path: string): RootFsNode | undefined;
  /**
   * Resolves as a write would: symbolic links are followed, missing components are kept as they are (a dangling
   * link's target is where it would be made). INVALID_INPUT for a loop or a path through something not a folder.
   */
  resolve(path: string, options: { readonly followLast: boolean }): ResolvedPath;
  /** Direct children in name order (byte order); empty for what is no folder. */
  children(path: string): readonly RootFsNode[];
  /** The node and everything below it in path order (parents first); links are not followed. */
  walk(path: string): Iterable<RootFsNode>;
  /** Content of a file node (hard links included). */
  open(
    node: RootFsNode,
    options?: LongOptions & { readonly offset?: number; readonly length?: number },
  ): AsyncIterable<Uint8Array>;
}
