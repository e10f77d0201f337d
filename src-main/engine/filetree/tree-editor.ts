import { impliedFolder, type TreeNode } from './tree-node.ts';

/** Makes a new tree from an old one, copying each folder it changes once and sharing the rest. */
export interface TreeEditor {
  readonly root: TreeNode;
  /** The node at a relative path, links not followed. */
  find(path: string): TreeNode | undefined;
  /** Puts a folder in place; one that is there keeps its children. Missing parents are implied. */
  putFolder(node: TreeNode): void;
  /** Puts anything but a folder in place of whatever is there. */
  putLeaf(path: string, node: TreeNode): void;
  /** Does nothing when there is nothing. */
  remove(path: string): void;
  /** Takes everything out of a folder; does nothing when there is none. */
  empty(path: string): void;
}

/** A folder that this editor made and may therefore still change. */
interface OwnFolder extends TreeNode {
  readonly children: Map<string, TreeNode>;
}

export function createTreeEditor(tree: TreeNode): TreeEditor {
  const own = new Set<TreeNode>();
  let root: OwnFolder | undefined;
  /** The last folder that was asked for: entries of one folder mostly come one after the other. */
  let last: { readonly path: string; readonly folder: OwnFolder } | undefined;

  const adopt = (node: TreeNode, children: Iterable<[string, TreeNode]>): OwnFolder => {
    const folder = { ...node, children: new Map(children) };
    own.add(folder);
    return folder;
  };
  /** Puts a folder's new entry over what was there; children that this editor may change are not copied again. */
  const replace = (node: TreeNode, before: TreeNode | undefined): OwnFolder => {
    if (before === undefined || !own.has(before)) return adopt(node, before?.children ?? []);
    const folder = { ...node, children: (before as OwnFolder).children };
    own.delete(before);
    own.add(folder);
    return folder;
  };
  const ownRoot = (): OwnFolder => (root ??= adopt(tree, tree.children ?? []));

  const ownChild = (parent: OwnFolder, name: string, path: string): OwnFolder => {
    const child = parent.children.get(name);
    if (child !== undefined && own.has(child)) return child as OwnFolder;
    const isFolder = child?.children !== undefined;
    const folder = isFolder ? adopt(child, child.children) : adopt(impliedFolder(path), []);
    parent.children.set(name, folder);
    return folder;
  };

  const ownFolder = (path: string): OwnFolder => {
    if (last?.path === path) return last.folder;
    let folder = ownRoot();
    for (let from = 0; from < path.length;) {
      const slash = path.indexOf('/', from);
      const end = slash < 0 ? path.length : slash;
      folder = ownChild(folder, path.slice(from, end), path.slice(0, end));
      from = end + 1;
    }
    last = { path, folder };
    return folder;
  };

  const find = (path: string): TreeNode | undefined => findNode(root ?? tree, path);

  return {
    get root() {
      return root ?? tree;
    },
    find,
    putFolder(node) {
      const { path } = node.entry;
      last = undefined;
      if (path === '') {
        root = replace(node, ownRoot());
        return;
      }
      const [parent, name] = splitPath(path);
      const siblings = ownFolder(parent).children;
      siblings.set(name, replace(node, siblings.get(name)));
    },
    putLeaf(path, node) {
      const [parent, name] = splitPath(path);
      const siblings = ownFolder(parent).children;
      if (siblings.get(name)?.children !== undefined) last = undefined;
      siblings.set(name, node);
      if (last === undefined) ownFolder(parent);
    },
    remove(path) {
      const [parent, name] = splitPath(path);
      if (last?.path !== parent && find(path) === undefined) return;
      const siblings = ownFolder(parent).children;
      if (siblings.get(name)?.children !== undefined) last = undefined;
      siblings.delete(name);
    },
    empty(path) {
      const folder = find(path);
      if (folder?.children === undefined) return;
      last = undefined;
      ownFolder(path).children.clear();
    },
  };
}

export function findNode(tree: TreeNode, path: string): TreeNode | undefined {
  if (path === '') return tree;
  let node: TreeNode | undefined = tree;
  for (const name of path.split('/')) {
    node = node?.children?.get(name);
    if (node === undefined) return undefined;
  }
  return node;
}

/** A path's folder and its last name. */
export function splitPath(path: string): readonly [string, string] {
  const slash = path.lastIndexOf('/');
  return slash < 0 ? ['', path] : [path.slice(0, slash), path.slice(slash + 1)];
}
