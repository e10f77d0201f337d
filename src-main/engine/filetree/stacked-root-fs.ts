import { EngineError } from '../../contract/errors.ts';
import type { Store } from '../store/store.ts';
import { sortNames } from './compare-names.ts';
import type { StoredLayer } from './layer-writer.ts';
import { openLayerFile } from './open-layer-file.ts';
import { resolveInTree } from './resolve-in-tree.ts';
import type { RootFs, RootFsNode } from './root-fs.ts';
import { NO_LAYER, type TreeNode } from './tree-node.ts';

/** A root file system with what it is made of, so that one more layer can go on top (`pushLayer`). */
export interface StackedRootFs extends RootFs {
  readonly store: Store;
  readonly layers: readonly StoredLayer[];
  readonly tree: TreeNode;
}

/** The view of a tree. The tree must be that of these layers. */
export function createStackedRootFs(
  store: Store,
  layers: readonly StoredLayer[],
  tree: TreeNode,
): StackedRootFs {
  return {
    store,
    layers,
    tree,
    layerCount: layers.length,
    lstat: (path) => findNode(tree, path, false),
    stat: (path) => findNode(tree, path, true),
    resolve: (path, { followLast }) => resolvePath(tree, path, followLast),
    children: (path) => childrenOf(findNode(tree, path, false)),
    walk: (path) => walkFrom(findNode(tree, path, false)),
    open: (node, options = {}) => openNode(store, layers, node, options),
  };
}

/** A node of the view remembers its place in the tree. */
interface PlacedNode extends RootFsNode {
  readonly place: TreeNode;
}

function placeNode(path: string, place: TreeNode): PlacedNode {
  const { entry, layer, inodeLayer, inodeIndex } = place;
  const inode = inodeLayer === NO_LAYER ? `implied:${path}` : `${inodeLayer}:${inodeIndex}`;
  return { path, entry, layer, inode, place };
}

function findNode(tree: TreeNode, path: string, followLast: boolean): PlacedNode | undefined {
  const found = resolveInTree(tree, path, followLast);
  return found.kind === 'found' ? placeNode(found.path, found.node) : undefined;
}

function resolvePath(
  tree: TreeNode,
  path: string,
  followLast: boolean,
): { path: string; node: RootFsNode | undefined } {
  const found = resolveInTree(tree, path, followLast);
  switch (found.kind) {
    case 'found':
      return { path: found.path, node: placeNode(found.path, found.node) };
    case 'missing':
      return { path: found.path, node: undefined };
    case 'loop':
      throw new EngineError('INVALID_INPUT', `${path} goes round in a loop of symbolic links`);
    case 'not-a-folder':
      throw new EngineError('INVALID_INPUT', `${path} leads through ${found.path}, which is not a folder`);
  }
}

function childrenOf(parent: PlacedNode | undefined): readonly PlacedNode[] {
  if (parent?.place.children === undefined) return [];
  const { children } = parent.place;
  const prefix = parent.path === '/' ? '/' : `${parent.path}/`;
  return sortNames(children.keys()).flatMap((name) => {
    const child = children.get(name);
    return child === undefined ? [] : [placeNode(prefix + name, child)];
  });
}

function* walkFrom(start: PlacedNode | undefined): Generator<RootFsNode> {
  const todo = start === undefined ? [] : [start];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    yield node;
    const children = childrenOf(node);
    for (let i = children.length - 1; i >= 0; i--) todo.push(children[i]!);
  }
}

function openNode(
  store: Store,
  layers: readonly StoredLayer[],
  node: RootFsNode,
  options: Parameters<RootFs['open']>[1],
): AsyncIterable<Uint8Array> {
  const { inodeLayer } = (node as PlacedNode).place;
  const layer = layers[inodeLayer];
  if (layer === undefined || node.entry.type !== 'file') {
    throw new EngineError('INVALID_INPUT', `${node.path} is not a file`);
  }
  return openLayerFile(store, layer, node.entry, options);
}
