import type { TransferProgress } from '../../contract/oci-types.ts';
import { findInView, viewOfLayer, viewOfTree, type FileViewNode } from '../filetree/file-view.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { StackedRootFs } from '../filetree/stacked-root-fs.ts';
import type { TreeNode } from '../filetree/tree-node.ts';
import { EngineError } from '../../contract/errors.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { resolveImage } from './resolve-image.ts';

export type FilesOptions = LongOptions & {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

/** Which files are meant: an image's, or what one of its layers did. */
export interface FilesOf {
  readonly ref: string;
  readonly layer?: number | undefined;
}

/** The stack up to the layer that is meant (all layers when none is), and the one below that. */
export interface OpenFiles {
  readonly rootFs: StackedRootFs;
  /** Absent for a whole image. */
  readonly below: StackedRootFs | undefined;
}

export async function openImageFiles(
  store: Store,
  { ref, layer }: FilesOf,
  options: FilesOptions,
): Promise<OpenFiles> {
  const { image } = await resolveImage(store, ref, options);
  if (layer === undefined) {
    return { rootFs: await stackRootFs(store, image.layers, options), below: undefined };
  }
  if (layer >= image.layers.length) {
    throw new EngineError('NOT_FOUND', `${ref} has no layer ${layer}: it has ${image.layers.length}`);
  }
  const below = await stackRootFs(store, image.layers.slice(0, layer), options);
  return { rootFs: await stackRootFs(store, image.layers.slice(0, layer + 1), options), below };
}

const wholeViews = new WeakMap<TreeNode, FileViewNode>();
const layerViews = new WeakMap<TreeNode, FileViewNode>();

/** The view of these files; made once as long as the trees are kept. */
export function viewOf({ rootFs, below }: OpenFiles): FileViewNode {
  const views = below === undefined ? wholeViews : layerViews;
  const { tree } = rootFs;
  const view = views.get(tree) ?? (below === undefined ? viewOfTree(tree) : viewOfLayer(below.tree, tree));
  views.set(tree, view);
  return view;
}

/** The view's node at a path; NOT_FOUND when there is none. */
export function nodeAt(view: FileViewNode, path: string): FileViewNode {
  const node = findInView(view, path);
  if (node !== undefined) return node;
  throw new EngineError('NOT_FOUND', `there is no ${path} here`);
}
