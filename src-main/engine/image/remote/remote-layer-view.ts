import type { FileRow } from '../../../contract/files-api.ts';
import { applyToc } from '../../filetree/apply-toc.ts';
import { toFileRow, viewOfLayer, type FileViewNode } from '../../filetree/file-view.ts';
import type { TocEntry } from '../../filetree/toc.ts';
import { createTreeEditor } from '../../filetree/tree-editor.ts';
import { EMPTY_TREE, impliedFolder, NO_LAYER, type TreeNode } from '../../filetree/tree-node.ts';
import { createTarEntry } from '../../tar/tar-entry.ts';
import { parseWhiteout } from '../../tar/whiteout.ts';

/**
 * The files of one layer without the stack below it. What it removes is a row of its own, of which no more than the
 * path is known; a hard link to what is below is an empty file.
 */
export function viewOfRemoteLayer(entries: readonly TocEntry[]): FileViewNode {
  const below = impliedBelow(entries);
  return viewOfLayer(below, applyToc(below, { entries }, 0));
}

/** Whether a file is new or in place of one below cannot be told: it is just there. */
export function toRemoteRow(node: FileViewNode): FileRow {
  const row = toFileRow(node);
  return row.change === 'removed' ? row : { ...row, change: 'unmodified' };
}

/** What must have been below for the layer to make sense: what it removes, and what its hard links name. */
function impliedBelow(entries: readonly TocEntry[]): TreeNode {
  const editor = createTreeEditor(EMPTY_TREE);
  const own = new Set(entries.map(({ path }) => path));
  for (const { path, type, link } of entries) {
    const whiteout = parseWhiteout(path);
    if (whiteout?.kind === 'removed') editor.putLeaf(whiteout.path, impliedFile(whiteout.path));
    else if (type === 'hardlink' && !own.has(link)) editor.putLeaf(link, impliedFile(link));
  }
  return editor.root;
}

function impliedFile(path: string): TreeNode {
  const entry = { ...impliedFolder(path).entry, ...createTarEntry({ path, type: 'file' }) };
  return { entry, layer: NO_LAYER, inodeLayer: NO_LAYER, inodeIndex: -1, children: undefined };
}
