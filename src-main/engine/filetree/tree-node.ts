import { createTarEntry } from '../tar/tar-entry.ts';
import type { TocEntry } from './toc.ts';

/**
 * A place in a stack of layers. Trees share what they have in common: what two of them hold as the same object is
 * the same in both.
 */
export interface TreeNode {
  /** For a hard link the entry that it names, under this path. */
  readonly entry: TocEntry;
  /** Position of the layer that put this here; -1 for a folder that no layer lists. */
  readonly layer: number;
  /** The layer that holds the inode, and its position there: another layer's for a hard link to what is below. */
  readonly inodeLayer: number;
  readonly inodeIndex: number;
  /** Present for folders only. */
  readonly children: ReadonlyMap<string, TreeNode> | undefined;
}

export const NO_LAYER = -1;

/** The stack of no layers. */
export const EMPTY_TREE: TreeNode = impliedFolder('');

/** A folder that no layer lists: root's, 0755, time 0. */
export function impliedFolder(path: string): TreeNode {
  return {
    entry: {
      ...createTarEntry({ path, type: 'directory' }),
      contentOffset: 0,
      contentDigest: undefined,
    },
    layer: NO_LAYER,
    inodeLayer: NO_LAYER,
    inodeIndex: -1,
    children: new Map(),
  };
}
