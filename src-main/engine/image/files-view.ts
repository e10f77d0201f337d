import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import { diffTrees } from '../filetree/diff.ts';
import { toFileRow, type FileViewNode } from '../filetree/file-view.ts';
import { isText, TEXT_SAMPLE_BYTES } from '../filetree/is-text.ts';
import type { RootFsNode } from '../filetree/root-fs.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { StackedRootFs } from '../filetree/stacked-root-fs.ts';
import type { Store } from '../store/store.ts';
import { nodeAt, openImageFiles, viewOf, type FilesOptions, type OpenFiles } from './open-image-files.ts';
import { resolveImage } from './resolve-image.ts';

type Params<Name extends keyof EngineApi['files']> = Parameters<EngineApi['files'][Name]>[0];
type Result<Name extends keyof EngineApi['files']> = ReturnType<EngineApi['files'][Name]>;

const DEFAULT_ROWS = 1000;
const DEFAULT_LENGTH = 65_536;

/** See the contract's `files.children`. The folder's own path may lead through symbolic links. */
export async function listChildren(
  store: Store,
  params: Params<'children'>,
  options: FilesOptions,
): Result<'children'> {
  const files = await openImageFiles(store, params, options);
  const folder = nodeAt(viewOf(files), placeOf(files, params.path));
  const { offset = 0, limit = DEFAULT_ROWS } = params;
  return {
    rows: folder.children.slice(offset, offset + limit).map(toFileRow),
    total: folder.children.length,
  };
}

/** The path with links resolved; a path that is only in the view (removed) is taken as it stands. */
function placeOf({ rootFs }: OpenFiles, path: string): string {
  return rootFs.stat(path)?.path ?? path;
}

const pathLists = new WeakMap<
  FileViewNode,
  readonly { readonly key: string; readonly node: FileViewNode }[]
>();

/** See the contract's `files.search`. */
export async function searchFiles(
  store: Store,
  params: Params<'search'>,
  options: FilesOptions,
): Result<'search'> {
  const view = viewOf(await openImageFiles(store, params, options));
  const query = params.query.toLowerCase();
  const found: FileViewNode[] = [];
  for (const { key, node } of pathsOf(view)) {
    if (!key.includes(query)) continue;
    if (found.length === params.limit) return { rows: found.map(toFileRow), truncated: true };
    found.push(node);
  }
  return { rows: found.map(toFileRow), truncated: false };
}

/** All paths below the view's root in path order with their lower-case forms; made once for each view. */
function pathsOf(view: FileViewNode): readonly { readonly key: string; readonly node: FileViewNode }[] {
  const known = pathLists.get(view);
  if (known !== undefined) return known;
  const todo = [...view.children];
  const paths: { key: string; node: FileViewNode }[] = [];
  for (let node = todo.pop(); node !== undefined; node = todo.pop()) {
    paths.push({ key: node.path.toLowerCase(), node });
    for (const child of node.children) todo.push(child);
  }
  paths.sort((a, b) => (a.node.path < b.node.path ? -1 : 1));
  pathLists.set(view, paths);
  return paths;
}

/** See the contract's `files.read`. In a layer's view a file that the layer removed can still be read. */
export async function readImageFile(
  store: Store,
  params: Params<'read'>,
  options: FilesOptions,
): Result<'read'> {
  const { rootFs, below } = await openImageFiles(store, params, options);
  const now = rootFs.stat(params.path);
  const stack = now === undefined && below !== undefined ? below : rootFs;
  const node = fileAt(stack, params.path);
  const { offset = 0, length = DEFAULT_LENGTH } = params;
  const { signal } = options;
  const bytes = await collect(stack.open(node, { signal, offset, length }));
  const head =
    offset === 0 && (bytes.length >= TEXT_SAMPLE_BYTES || bytes.length === node.entry.sizeBytes)
      ? bytes
      : await collect(stack.open(node, { signal, offset: 0, length: TEXT_SAMPLE_BYTES }));
  return { base64: bytes.toString('base64'), sizeBytes: node.entry.sizeBytes, isText: isText(head) };
}

function fileAt(rootFs: StackedRootFs, path: string): RootFsNode {
  const node = rootFs.stat(path);
  if (node === undefined) throw new EngineError('NOT_FOUND', `there is no file ${path}`);
  if (node.entry.type === 'file') return node;
  throw new EngineError('INVALID_INPUT', `${path} is not a file: it is a ${node.entry.type}`);
}

async function collect(source: AsyncIterable<Uint8Array>): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for await (const piece of source) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** See the contract's `files.compare`. */
export async function compareImages(
  store: Store,
  params: Params<'compare'>,
  options: FilesOptions,
): Result<'compare'> {
  const [from, to] = [
    await resolveImage(store, params.from, options),
    await resolveImage(store, params.to, options),
  ];
  const before = await stackRootFs(store, from.image.layers, options);
  const after = await stackRootFs(store, to.image.layers, options);
  return [...diffTrees(before.tree, after.tree)].map(({ path, change, before: old, after: now }) => {
    const { type, sizeBytes } = (now ?? old ?? before.tree).entry;
    return { path, change, type, sizeBytes };
  });
}
