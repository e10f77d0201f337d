import type { Change, FileRow } from '../../contract/files-api.ts';
import { changeBetween } from './change-kind.ts';
import { compareNames } from './compare-names.ts';
import type { TreeNode } from './tree-node.ts';

/** A file or folder as a list shows it. Children are made when they are asked for, once. */
export interface FileViewNode {
  readonly path: string;
  readonly name: string;
  readonly node: TreeNode;
  readonly change: Change;
  /** Of a file its own bytes, of a folder those of all files below it that the view counts. */
  readonly sizeBytes: number;
  /** Folders first, then by name. */
  readonly children: readonly FileViewNode[];
}

/** A whole stack of layers: everything is unmodified, folders have the sum of all below them. */
export function viewOfTree(tree: TreeNode): FileViewNode {
  return wholeNode('/', '', tree, 'unmodified');
}

/**
 * One layer: what it brought, what it removed from the stack below, and the folders on the way, which are modified
 * when anything in them is. What it listed again without a change is unmodified.
 */
export function viewOfLayer(below: TreeNode, above: TreeNode): FileViewNode {
  return layerNode('/', '', below, above);
}

function wholeNode(path: string, name: string, node: TreeNode, change: Change): FileViewNode {
  const sizeBytes = bytesBelow(node);
  let children: readonly FileViewNode[] | undefined;
  return {
    path,
    name,
    node,
    change,
    sizeBytes,
    get children() {
      return (children ??= sorted(
        [...(node.children ?? [])].map(([child, below]) =>
          wholeNode(join(path, child), child, below, change),
        ),
      ));
    },
  };
}

const sums = new WeakMap<TreeNode, number>();

/** Bytes of the files at and below a node. Trees share their sums as they share their nodes. */
function bytesBelow(node: TreeNode): number {
  if (node.children === undefined) return node.entry.type === 'file' ? node.entry.sizeBytes : 0;
  const known = sums.get(node);
  if (known !== undefined) return known;
  let sum = 0;
  for (const child of node.children.values()) sum += bytesBelow(child);
  sums.set(node, sum);
  return sum;
}

function layerNode(path: string, name: string, before: TreeNode | undefined, after: TreeNode): FileViewNode {
  const own = changeBetween(before, after) ?? 'unmodified';
  const { children: now } = after;
  if (now === undefined && before?.children === undefined) {
    return { path, name, node: after, change: own, sizeBytes: bytesBelow(after), children: [] };
  }
  const children = sorted(layerChildren(path, before?.children, now));
  const isTouched = own === 'unmodified' && children.some(({ change }) => change !== 'unmodified');
  const kept = children.filter(({ change }) => change !== 'removed');
  const sum = kept.reduce((bytes, child) => bytes + child.sizeBytes, 0);
  const sizeBytes = now === undefined ? bytesBelow(after) : sum;
  return { path, name, node: after, change: isTouched ? 'modified' : own, sizeBytes, children };
}

function layerChildren(
  path: string,
  before: TreeNode['children'],
  after: TreeNode['children'],
): FileViewNode[] {
  const nodes: FileViewNode[] = [];
  for (const [name, child] of after ?? []) {
    const old = before?.get(name);
    if (old !== child) nodes.push(layerNode(join(path, name), name, old, child));
  }
  for (const [name, child] of before ?? []) {
    if (after?.has(name) !== true) nodes.push(wholeNode(join(path, name), name, child, 'removed'));
  }
  return nodes;
}

function join(folder: string, name: string): string {
  return folder === '/' ? `/${name}` : `${folder}/${name}`;
}

function sorted(nodes: FileViewNode[]): readonly FileViewNode[] {
  return nodes.sort((a, b) => rank(a) - rank(b) || compareNames(a.name, b.name));
}

function rank({ node }: FileViewNode): number {
  return node.children === undefined ? 1 : 0;
}

/** The node at an absolute path of the view. */
export function findInView(view: FileViewNode, path: string): FileViewNode | undefined {
  let found: FileViewNode | undefined = view;
  for (const name of path.split('/')) {
    if (name === '' || name === '.') continue;
    found = found?.children.find((child) => child.name === name);
  }
  return found;
}

/** The contract's row for a node. */
export function toFileRow({ path, name, node, change, sizeBytes, children }: FileViewNode): FileRow {
  const { entry, layer } = node;
  return {
    path,
    name,
    type: entry.type,
    change,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    sizeBytes,
    mtime: entry.mtime,
    ...(entry.link === '' ? {} : { link: entry.link }),
    children: children.length,
    layer,
    ...(entry.contentDigest === undefined ? {} : { digest: entry.contentDigest }),
  };
}
