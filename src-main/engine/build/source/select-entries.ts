import { compileIgnore, type IgnoreMatcher, type IgnoreState } from '../../dockerfile/ignore-file.ts';
import type { SourceNode, SourceTree } from './source-tree.ts';

/** One step of a copy, in the order in which it happens. */
export interface SelectedEntry {
  readonly node: SourceNode;
  /** Below the copied root: `sub/file`; '' is the root itself. */
  readonly relative: string;
  /** The folder itself is not selected and is made only for what comes after it. */
  readonly asParent: boolean;
}

interface State {
  readonly include: IgnoreState | undefined;
  readonly exclude: IgnoreState | undefined;
}

/** Which entries below the copied root are meant. */
export interface EntryFilter {
  readonly include: IgnoreMatcher | undefined;
  readonly exclude: IgnoreMatcher | undefined;
}

export function createFilter(include: readonly string[], exclude: readonly string[]): EntryFilter {
  return {
    include: include.length === 0 ? undefined : compileIgnore(include),
    exclude: exclude.length === 0 ? undefined : compileIgnore(exclude),
  };
}

/** The root and everything below it that the filter takes, parents first, in byte order. Links are not followed. */
export function selectEntries(
  tree: SourceTree,
  root: SourceNode,
  filter: EntryFilter,
): readonly SelectedEntry[] {
  const selected: SelectedEntry[] = [];
  const pendingParents: SelectedEntry[] = [];
  const take = (entry: SelectedEntry): void => {
    for (const parent of pendingParents.splice(0)) selected.push(parent);
    tree.check(entry.node);
    selected.push(entry);
  };
  const visit = (node: SourceNode, relative: string, state: State): void => {
    const include = relative === '' ? undefined : filter.include?.visit(relative, state.include);
    const exclude = relative === '' ? undefined : filter.exclude?.visit(relative, state.exclude);
    const taken = (include?.ignored ?? true) && !(exclude?.ignored ?? false);
    if (taken) take({ node, relative, asParent: false });
    if (node.type !== 'directory') return;
    const parent = { node, relative, asParent: true };
    if (!taken) pendingParents.push(parent);
    const below = { include: include?.state, exclude: exclude?.state };
    for (const child of tree.children(node.path)) {
      const name = child.path.slice(child.path.lastIndexOf('/') + 1);
      visit(child, relative === '' ? name : `${relative}/${name}`, below);
    }
    if (!taken && pendingParents.at(-1) === parent) pendingParents.pop();
  };
  visit(root, '', { include: undefined, exclude: undefined });
  return selected;
}
