import type { Digest } from '../../../contract/oci-types.ts';
import { entriesKey } from '../cache/cache-key.ts';
import { createFilter, selectEntries, type SelectedEntry } from '../source/select-entries.ts';
import type { SourceNode, SourceTree } from '../source/source-tree.ts';
import { contentsOf } from './contents-of.ts';
import type { InstructionContext } from './instruction-context.ts';

interface WholeContent {
  readonly entries: readonly SelectedEntry[];
  /** Of files, by path. */
  readonly contents: ReadonlyMap<string, Digest>;
  /** Stands for all of it, without times. */
  readonly digest: Digest;
}

/** A node of a tree and everything below it. */
export async function wholeContent(
  context: InstructionContext,
  tree: SourceTree,
  root: SourceNode,
): Promise<WholeContent> {
  const entries = selectEntries(tree, root, createFilter([], []));
  const nodes = entries.map(({ node }) => node);
  const contents = await contentsOf(context, tree, nodes);
  return { entries, contents, digest: entriesKey(entries, contents) };
}
