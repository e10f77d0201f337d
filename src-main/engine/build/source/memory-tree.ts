import { digestOf } from '../../oci/digest.ts';
import { NO_XATTRS, type SourceNode, type SourceTree } from './source-tree.ts';

/** One file that exists only in the Dockerfile: a here-document. */
export function memoryTree(
  name: string,
  content: Uint8Array,
  meta: { readonly mode: number; readonly mtime: number },
): { readonly tree: SourceTree; readonly root: SourceNode } {
  const root: SourceNode = {
    path: `/${name}`,
    type: 'file',
    mode: meta.mode,
    uid: 0,
    gid: 0,
    sizeBytes: content.length,
    mtime: meta.mtime,
    link: '',
    devMajor: 0,
    devMinor: 0,
    xattrs: NO_XATTRS,
    inode: undefined,
  };
  const find = (path: string) => (path === root.path ? root : undefined);
  const tree: SourceTree = {
    name: `the here-document ${name}`,
    lstat: find,
    stat: find,
    children: () => [],
    check: () => undefined,
    open: () => content,
    digest: () => Promise.resolve(digestOf(content)),
    learn: () => undefined,
  };
  return { tree, root };
}
