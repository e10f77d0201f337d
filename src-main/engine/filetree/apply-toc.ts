import { EngineError } from '../../contract/errors.ts';
import { isAufsMetadata, parseWhiteout } from '../tar/whiteout.ts';
import type { Toc, TocEntry } from './toc.ts';
import { createTreeEditor, type TreeEditor } from './tree-editor.ts';
import type { TreeNode } from './tree-node.ts';

/**
 * The tree of a stack with one more layer on top; `below` stays as it is and shares all that the layer does not
 * touch. Whiteouts act on `below` only, wherever they are in the archive (image-spec, layer.md#whiteouts), so they
 * come first, in linear time. Paths are taken as they are: a folder in a layer replaces a symbolic link below it, as
 * overlays do. CORRUPT for a hard link to what is not there.
 */
export function applyToc(below: TreeNode, toc: Pick<Toc, 'entries'>, layer: number): TreeNode {
  const editor = createTreeEditor(below);
  for (const entry of toc.entries) if (isMarked(entry.path)) applyWhiteout(editor, entry.path);
  toc.entries.forEach((entry, index) => {
    if (!isMarked(entry.path) || isOrdinary(entry.path)) applyEntry(editor, entry, layer, index);
  });
  return editor.root;
}

function isMarked(path: string): boolean {
  return path.includes('.wh.');
}

function isOrdinary(path: string): boolean {
  return !isAufsMetadata(path) && parseWhiteout(path) === undefined;
}

function applyWhiteout(editor: TreeEditor, path: string): void {
  if (isAufsMetadata(path)) return;
  const whiteout = parseWhiteout(path);
  if (whiteout?.kind === 'removed') editor.remove(whiteout.path);
  else if (whiteout?.kind === 'opaque') editor.empty(whiteout.path);
}

function applyEntry(editor: TreeEditor, entry: TocEntry, layer: number, index: number): void {
  if (entry.type === 'hardlink') {
    editor.putLeaf(entry.path, linkedNode(editor, entry, layer));
    return;
  }
  const node = { entry, layer, inodeLayer: layer, inodeIndex: index, children: undefined };
  if (entry.type === 'directory') editor.putFolder(node);
  else editor.putLeaf(entry.path, node);
}

function linkedNode(editor: TreeEditor, entry: TocEntry, layer: number): TreeNode {
  const target = editor.find(entry.link);
  if (target === undefined || target.children !== undefined) {
    throw new EngineError(
      'CORRUPT',
      `the hard link ${JSON.stringify(entry.path)} names ${JSON.stringify(entry.link)}, which is ` +
        (target === undefined ? 'not there' : 'a folder'),
    );
  }
  return { ...target, layer, entry: { ...target.entry, path: entry.path } };
}
