import type { Change } from '../../contract/files-api.ts';
import type { TreeNode } from './tree-node.ts';

/** How a path differs between two trees; undefined when it is in neither. */
export function changeBetween(before: TreeNode | undefined, after: TreeNode | undefined): Change | undefined {
  if (before === after) return before === undefined ? undefined : 'unmodified';
  if (before === undefined) return 'added';
  if (after === undefined) return 'removed';
  return isEqualNode(before, after) ? 'unmodified' : 'modified';
}

/**
 * True when both are the same to whoever runs a program on them: type, mode, owner, link, device, extended attributes
 * and content. Times do not count: a build that copies a file again changes nothing.
 */
function isEqualNode({ entry: a }: TreeNode, { entry: b }: TreeNode): boolean {
  if (a === b) return true;
  return (
    a.type === b.type &&
    a.mode === b.mode &&
    a.uid === b.uid &&
    a.gid === b.gid &&
    a.sizeBytes === b.sizeBytes &&
    a.link === b.link &&
    a.contentDigest === b.contentDigest &&
    a.devMajor === b.devMajor &&
    a.devMinor === b.devMinor &&
    isEqualXattrs(a.xattrs, b.xattrs)
  );
}

function isEqualXattrs(a: ReadonlyMap<string, Uint8Array>, b: ReadonlyMap<string, Uint8Array>): boolean {
  if (a.size !== b.size) return false;
  for (const [name, value] of a) {
    const other = b.get(name);
    if (other === undefined || Buffer.compare(value, other) !== 0) return false;
  }
  return true;
}
