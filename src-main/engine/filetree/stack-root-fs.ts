import type { TransferProgress } from '../../contract/oci-types.ts';
import { chainIds } from '../oci/chain-id.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { applyToc } from './apply-toc.ts';
import { createLruCache, type LruCache } from './lru-cache.ts';
import type { StoredLayer } from './layer-writer.ts';
import { readToc, type LayerIds } from './read-toc.ts';
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
  layers: readonly LayerIds[],
  options: ReadLayerOptions = {},
): Promise<StackedRootFs> {
  const stacks = await stackPrefixes(store, layers, options);
  return stacks.at(-1) ?? createStackedRootFs(store, [], EMPTY_TREE);
}

/** The stacks of no layer, of the first, of the first two and so on: one more than there are layers. */
export async function stackPrefixes(
  store: Store,
  layers: readonly LayerIds[],
  options: ReadLayerOptions = {},
): Promise<readonly StackedRootFs[]> {
  const stored: StoredLayer[] = [];
  for (const { descriptor, diffId } of layers) {
    stored.push({ descriptor, diffId, toc: await readToc(store, { descriptor, diffId }, options) });
  }
  return treesFor(store, stored).map((tree, count) =>
    createStackedRootFs(store, stored.slice(0, count), tree),
  );
}

function treesFor(store: Store, layers: readonly StoredLayer[]): readonly TreeNode[] {
  const cache = treesOf.get(store) ?? createLruCache<TreeNode>(MAX_TREES);
  treesOf.set(store, cache);
  const chain = chainIds(layers.map(({ diffId }) => diffId));
  let tree = EMPTY_TREE;
  const trees = [tree];
  layers.forEach(({ toc }, position) => {
    const key = chain[position] ?? '';
    tree = cache.get(key) ?? applyToc(tree, toc, position);
    cache.put(key, tree, 1);
    trees.push(tree);
  });
  return trees;
}
