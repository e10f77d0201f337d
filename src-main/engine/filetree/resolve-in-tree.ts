import type { TreeNode } from './tree-node.ts';

/** What Linux allows is 40; what an image's author may have meant is never more than this. */
const MAX_LINKS = 255;

/** Where a path leads: names from the root and what is there; or why it leads nowhere. */
export type TreePath =
  | { readonly kind: 'found'; readonly path: string; readonly node: TreeNode }
  | { readonly kind: 'missing'; readonly path: string }
  | { readonly kind: 'loop' }
  | { readonly kind: 'not-a-folder'; readonly path: string };

interface Step {
  readonly name: string;
  /** Undefined for what does not exist. */
  readonly node: TreeNode | undefined;
}

/**
 * Follows a path from the root of the tree and never out of it: absolute links start at the tree's root, and `..`
 * stops there (S1). Missing components are kept as they are.
 */
export function resolveInTree(tree: TreeNode, path: string, followLast: boolean): TreePath {
  const todo = path.split('/').reverse();
  let steps: Step[] = [];
  let links = 0;
  while (todo.length > 0) {
    const name = todo.pop() ?? '';
    if (name === '' || name === '.') continue;
    if (name === '..') {
      steps.pop();
      continue;
    }
    const here = steps.length === 0 ? tree : steps.at(-1)?.node;
    if (here !== undefined && here.children === undefined) return { kind: 'not-a-folder', path: join(steps) };
    const node = here?.children?.get(name);
    if (node?.entry.type !== 'symlink' || (!followLast && isLast(todo))) {
      steps.push({ name, node });
      continue;
    }
    links += 1;
    if (links > MAX_LINKS) return { kind: 'loop' };
    if (node.entry.link.startsWith('/')) steps = [];
    todo.push(...node.entry.link.split('/').reverse());
  }
  return answer(tree, steps);
}

function isLast(todo: readonly string[]): boolean {
  return todo.every((name) => name === '' || name === '.');
}

function answer(tree: TreeNode, steps: readonly Step[]): TreePath {
  const path = join(steps);
  const node = steps.length === 0 ? tree : steps.at(-1)?.node;
  return node === undefined ? { kind: 'missing', path } : { kind: 'found', path, node };
}

function join(steps: readonly Step[]): string {
  return `/${steps.map(({ name }) => name).join('/')}`;
}
