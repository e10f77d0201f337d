import type { RootFs, RootFsNode } from '../../filetree/root-fs.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { digestOfContent } from './digest-of-content.ts';
import type { SourceNode, SourceTree } from './source-tree.ts';

interface RootFsSourceNode extends SourceNode {
  readonly origin: RootFsNode;
}

function toSourceNode(node: RootFsNode): RootFsSourceNode {
  const { entry } = node;
  return {
    path: node.path,
    type: entry.type === 'hardlink' ? 'file' : entry.type,
    mode: entry.mode,
    uid: entry.uid,
    gid: entry.gid,
    sizeBytes: entry.sizeBytes,
    mtime: entry.mtime,
    link: entry.link,
    devMajor: entry.devMajor,
    devMinor: entry.devMinor,
    xattrs: entry.xattrs,
    inode: entry.type === 'directory' ? undefined : node.inode,
    origin: node,
  };
}

/** A stack of layers as a source: an earlier stage or an image. Nothing is unpacked. */
export function rootFsTree(rootFs: RootFs, name: string): SourceTree {
  const optional = (node: RootFsNode | undefined) => (node === undefined ? undefined : toSourceNode(node));
  const open = (node: SourceNode, options?: LongOptions) =>
    rootFs.open((node as RootFsSourceNode).origin, options);
  return {
    name,
    lstat: (path) => optional(rootFs.lstat(path)),
    stat: (path) => optional(rootFs.stat(path)),
    children: (path) => rootFs.children(path).map(toSourceNode),
    check: () => undefined,
    open,
    digest: async (node, options) =>
      (node as RootFsSourceNode).origin.entry.contentDigest ??
      digestOfContent(open(node, options), options?.onRead),
    learn: () => undefined,
  };
}
