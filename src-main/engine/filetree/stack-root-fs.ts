import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import { chainIds } from '../oci/chain-id.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { applyToc } from './apply-toc.ts';
import { createLruCache, type LruCache } from './lru-cache.ts';
import type { StoredLayer } from './layer-writer.ts';
import { readToc } from './read-toc.ts';
import { createStackedRootFs, type StackedRootFs } from './stacked-root-fs.ts';
import { EMPTY_TREE, type TreeNode } from './tree-node.ts';

export type ReadLayerOptions = LongOptions & {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

/** Trees by chain ID, so that images with the same base share its tree and compare in the time of what differs. */
const treesOf = new WeakMap<Store, LruCache<TreeNode>>();
const MAX_TREES = 256;

/**
 * The root file system of these layers, bottom first. Each layer's table of contents comes from its record, or from
 * the layer itself, which is then verified (CORRUPT).
 */
export async function stackRootFs(
  store: Store,
  layers: readonly { readonly descriptor: Descriptor; readonly diffId: Digest }[],
  options: ReadLayerOptions = {},
): Promise<StackedRootFs> {
  const stored: StoredLayer[] = [];
  for (const layer of layers) {
    stored.push({ ...layer, toc: await readToc(store, layer, options) });
  }
  return createStackedRootFs(store, stored, treeOf(store, stored));
}

function treeOf(store: Store, layers: readonly StoredLayer[]): TreeNode {
  const trees = treesOf.get(store) ?? createLruCache<TreeNode>(MAX_TREES);
  treesOf.set(store, trees);
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  let tree = EMPTY_TREE;
  layers.forEach(({ toc }, position) => {
    const key = chain[position] ?? '';
    const known = trees.get(key) ?? applyToc(tree, toc, position);
    trees.put(key, known, 1);
    tree = known;
  });
  return tree;
}
