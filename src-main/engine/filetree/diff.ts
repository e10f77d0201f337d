import type { Change } from '../../contract/files-api.ts';
import { changeBetween } from './change-kind.ts';
import { sortNames } from './compare-names.ts';
import type { TreeNode } from './tree-node.ts';

/** One path of a comparison. */
export interface Difference {
  /** Absolute. */
  readonly path: string;
  readonly change: Exclude<Change, 'unmodified'>;
  readonly before: TreeNode | undefined;
  readonly after: TreeNode | undefined;
}

interface Pair {
  readonly path: string;
  readonly before: TreeNode | undefined;
  readonly after: TreeNode | undefined;
}

/**
 * Every path that differs between two trees, in path order, parents first. What they share is not looked at, so that
 * comparing a stack with the one below it takes the time of the top layer.
 */
export function* diffTrees(before: TreeNode, after: TreeNode): Generator<Difference> {
  const todo: Pair[] = [{ path: '/', before, after }];
  for (let pair = todo.pop(); pair !== undefined; pair = todo.pop()) {
    if (pair.before === pair.after) continue;
    const change = changeBetween(pair.before, pair.after);
    if (change !== undefined && change !== 'unmodified') yield { ...pair, change };
    const below = childPairs(pair);
    for (let i = below.length - 1; i >= 0; i--) todo.push(below[i]!);
  }
}

function childPairs({ path, before, after }: Pair): readonly Pair[] {
  const old = before?.children;
  const now = after?.children;
  if (old === undefined && now === undefined) return [];
  const names = new Set([...(old?.keys() ?? []), ...(now?.keys() ?? [])]);
  const changed = [...names].filter((name) => old?.get(name) !== now?.get(name));
  const prefix = path === '/' ? '/' : `${path}/`;
  return sortNames(changed).map((name) => ({
    path: prefix + name,
    before: old?.get(name),
    after: now?.get(name),
  }));
}

/** What a layer did to the stack below it. */
export interface LayerSummary {
  /** Files and folders; a folder counts as modified only for itself, not for what is in it. */
  readonly added: number;
  readonly modified: number;
  readonly removed: number;
  /** Bytes of files below that the layer hides by replacing (even by the same bytes) or removing them. */
  readonly wastedBytes: number;
}

const summaries = new WeakMap<TreeNode, WeakMap<TreeNode, LayerSummary>>();

/** Counts what changed from the stack below to the stack with the layer; computed once for each pair of trees. */
export function summarizeLayer(below: TreeNode, above: TreeNode): LayerSummary {
  const known = summaries.get(above) ?? new WeakMap<TreeNode, LayerSummary>();
  summaries.set(above, known);
  const summary = known.get(below) ?? countChanges(below, above);
  known.set(below, summary);
  return summary;
}

function countChanges(below: TreeNode, above: TreeNode): LayerSummary {
  const counts = { added: 0, modified: 0, removed: 0 };
  for (const { change } of diffTrees(below, above)) counts[change] += 1;
  return { ...counts, wastedBytes: hiddenBytes(below, above) };
}

/** Bytes of files that another inode, or nothing, has taken the place of; each inode counts once. */
function hiddenBytes(below: TreeNode, above: TreeNode): number {
  const hidden = new Map<string, number>();
  const todo: [TreeNode, TreeNode | undefined][] = [[below, above]];
  for (let pair = todo.pop(); pair !== undefined; pair = todo.pop()) {
    const [old, now] = pair;
    if (old === now) continue;
    if (old.entry.type === 'file' && !isSameInode(old, now)) {
      hidden.set(`${old.inodeLayer}:${old.inodeIndex}`, old.entry.sizeBytes);
    }
    for (const [name, child] of old.children ?? []) todo.push([child, now?.children?.get(name)]);
  }
  return [...hidden.values()].reduce((sum, bytes) => sum + bytes, 0);
}

function isSameInode(a: TreeNode, b: TreeNode | undefined): boolean {
  return a.inodeLayer === b?.inodeLayer && a.inodeIndex === b.inodeIndex;
}
