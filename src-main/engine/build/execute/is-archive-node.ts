import { isTarArchive } from '../source/read-archive.ts';
import type { SourceNode, SourceTree } from '../source/source-tree.ts';

/** True for a file that ADD unpacks: a tar, whatever its name and compression. */
export async function isArchiveNode(
  tree: SourceTree,
  node: SourceNode,
  signal: AbortSignal,
): Promise<boolean> {
  if (node.type !== 'file' || node.sizeBytes === 0) return false;
  return isTarArchive(tree.open(node, { signal }), { signal });
}
