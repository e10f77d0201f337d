import { createTarEntry } from '../../tar/tar-entry.ts';
import { digestOfContent } from '../source/digest-of-content.ts';
import { resolveLinks } from '../source/resolve-links.ts';
import type { SourceContent, SourceNode, SourceTree } from '../source/source-tree.ts';
import type { DraftEntry, DraftNode, LayerDraft } from './layer-draft.ts';

interface DraftSourceNode extends SourceNode {
  readonly origin: DraftNode;
}

/** A draft as a source: what it would write. It must not change any more. */
export function draftTree(draft: LayerDraft, name: string): SourceTree {
  const nodes = new Map<string, SourceNode>([['/', ROOT]]);
  const children = new Map<string, SourceNode[]>([['/', []]]);
  const inodes = new Map<DraftNode, string>();
  for (const entry of draft.entries()) {
    const node = toSourceNode(entry, inodes);
    nodes.set(node.path, node);
    if (node.type === 'directory') children.set(node.path, []);
    children.get(node.path.slice(0, Math.max(1, node.path.lastIndexOf('/'))))?.push(node);
  }
  const resolve = (path: string, followLast: boolean) =>
    nodes.get(resolveLinks(path, (at) => nodes.get(at), followLast));
  return {
    name,
    lstat: (path) => resolve(path, false),
    stat: (path) => resolve(path, true),
    children: (path) => children.get(resolve(path, true)?.path ?? '') ?? [],
    check: () => undefined,
    open,
    digest: (node, options) => digestOfContent(open(node, options), options?.onRead),
    learn: () => undefined,
  };
}

function open(node: SourceNode, options?: { readonly signal?: AbortSignal | undefined }): SourceContent {
  return (node as DraftSourceNode).origin.open?.(options ?? {}) ?? new Uint8Array();
}

const ROOT: SourceNode = {
  ...createTarEntry({ path: '/', type: 'directory' }),
  type: 'directory',
  inode: undefined,
};

function toSourceNode({ entry, node }: DraftEntry, inodes: Map<DraftNode, string>): DraftSourceNode {
  const inode = inodes.get(node) ?? String(inodes.size);
  inodes.set(node, inode);
  const { mode, uid, gid, sizeBytes, mtime, link, devMajor, devMinor, xattrs, type } = node;
  const meta = { mode, uid, gid, sizeBytes, mtime, link, devMajor, devMinor, xattrs, type };
  return { ...meta, path: `/${entry.path}`, inode: type === 'directory' ? undefined : inode, origin: node };
}
