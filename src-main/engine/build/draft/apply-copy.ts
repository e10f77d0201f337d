import { EngineError } from '../../../contract/errors.ts';
import type { SelectedEntry } from '../source/select-entries.ts';
import type { SourceNode, SourceTree } from '../source/source-tree.ts';
import type { DraftNode, FolderMaking, LayerDraft } from './layer-draft.ts';

export const DEFAULT_FOLDER_MODE = 0o755;

/** What COPY's flags change about the entries. */
export interface CopyRules {
  readonly owner: { readonly uid: number; readonly gid: number } | undefined;
  /** The mode for an entry that has this one. */
  readonly chmod: ((mode: number, isFolder: boolean) => number) | undefined;
  /** The mode of folders that are made for the destination. */
  readonly folderMode: number;
  /** The time of everything, instead of the source's. */
  readonly mtime: number | undefined;
  /** The time of folders that no source has. */
  readonly now: number;
}

/** One source with everything in it that is copied. */
export interface CopyJob {
  readonly tree: SourceTree;
  readonly root: SourceNode;
  readonly entries: readonly SelectedEntry[];
  /** The name that the source has at a destination that is a folder. */
  readonly baseName: string;
  /** Absolute; a trailing slash says that it is a folder. */
  readonly destination: string;
  /** A folder's content goes into the destination; otherwise the folder itself goes into an existing one. */
  readonly contentsOnly: boolean;
}

export function folderMaking(rules: CopyRules): FolderMaking {
  return {
    uid: rules.owner?.uid,
    gid: rules.owner?.gid,
    mode: rules.folderMode,
    mtime: rules.mtime ?? rules.now,
  };
}

/** Told where an entry of the source has come to lie. */
export type OnPlaced = (path: string, source: string) => void;

/** Copies one source into the draft, with BuildKit's rules for the destination. */
export function applyCopy(draft: LayerDraft, job: CopyJob, rules: CopyRules, onPlaced?: OnPlaced): void {
  const target = prepareTarget(draft, job, rules);
  const inodes = new Map<string, DraftNode>();
  for (const entry of job.entries) {
    applyEntry(draft, job, entry, target, rules, inodes);
    onPlaced?.(join(target, entry.relative), entry.node.path);
  }
}

/** Makes the folders that the destination needs and answers where the source's root goes. */
export function prepareTarget(
  draft: LayerDraft,
  job: Pick<CopyJob, 'destination' | 'root' | 'baseName' | 'contentsOnly'>,
  rules: CopyRules,
): string {
  const making = folderMaking(rules);
  const { destination } = job;
  draft.makeFolders(draft.resolve(parentOf(destination)), making);
  const resolved = draft.resolve(destination);
  const existing = draft.lstat(resolved);
  const isFolder = job.root.type === 'directory';
  const goesInside =
    isFolder && job.contentsOnly
      ? false
      : existing !== undefined && (isFolder || existing.type === 'directory');
  const target = goesInside ? join(resolved, job.baseName) : resolved;
  const fillsNew = isFolder && job.contentsOnly && existing === undefined;
  draft.makeFolders(fillsNew ? target : parentFolder(target), making);
  return target;
}

/** The part of a destination that must be a folder: all of it when it ends in `/` or `/.`. */
function parentOf(destination: string): string {
  const slash = destination.lastIndexOf('/');
  const last = destination.slice(slash + 1);
  return last === '' || last === '.' ? destination : destination.slice(0, slash + 1);
}

function parentFolder(path: string): string {
  return path.slice(0, Math.max(1, path.lastIndexOf('/')));
}

function join(folder: string, relative: string): string {
  if (relative === '') return folder;
  return folder === '/' ? `/${relative}` : `${folder}/${relative}`;
}

function applyEntry(
  draft: LayerDraft,
  job: CopyJob,
  { node, relative, asParent }: SelectedEntry,
  target: string,
  rules: CopyRules,
  inodes: Map<string, DraftNode>,
): void {
  const path = join(target, relative);
  const existing = draft.lstat(path);
  if (node.type === 'directory') {
    applyFolder(draft, path, node, existing?.type, { rules, isRoot: relative === '', asParent });
    return;
  }
  if (existing?.type === 'directory') throw replacesFolder(path);
  const linked = node.inode === undefined ? undefined : inodes.get(node.inode);
  const draftNode = linked ?? toDraftNode(job.tree, node, rules);
  if (node.inode !== undefined) inodes.set(node.inode, draftNode);
  draft.put(path, draftNode);
}

function applyFolder(
  draft: LayerDraft,
  path: string,
  node: SourceNode,
  existing: string | undefined,
  how: { readonly rules: CopyRules; readonly isRoot: boolean; readonly asParent: boolean },
): void {
  const { rules, isRoot, asParent } = how;
  if (existing !== undefined && existing !== 'directory') {
    throw new EngineError('CONFLICT', `cannot copy a folder onto ${path}, which is no folder`, {
      hint: 'Remove it first, or choose another destination.',
    });
  }
  if (existing !== undefined && isRoot) draft.touch(path, rules.mtime ?? node.mtime);
  else if (existing === undefined || !asParent) draft.put(path, toFolder(node, rules));
  else keepOwner(draft, path, node);
}

/** A folder on the way that is there already takes the source folder's mode and nothing else. */
function keepOwner(draft: LayerDraft, path: string, node: SourceNode): void {
  const existing = draft.lstat(path);
  const own = draft.getOwn(path);
  if (existing === undefined || existing.mode === node.mode) return;
  draft.put(path, { ...toFolder(node, PLAIN), ...(own ?? existing), mode: node.mode, type: 'directory' });
}

const PLAIN: CopyRules = {
  owner: undefined,
  chmod: undefined,
  folderMode: DEFAULT_FOLDER_MODE,
  mtime: undefined,
  now: 0,
};

function toFolder(node: SourceNode, rules: CopyRules): DraftNode {
  return { ...meta(node, rules), type: 'directory', sizeBytes: 0, link: '' };
}

function toDraftNode(tree: SourceTree, node: SourceNode, rules: CopyRules): DraftNode {
  // BuildKit copies a block device as a character device of the same numbers, and so that is what images have.
  const type = node.type === 'block' ? 'char' : (node.type as DraftNode['type']);
  if (type !== 'file') return { ...meta(node, rules), type, sizeBytes: 0, link: node.link };
  return {
    ...meta(node, rules),
    type,
    sizeBytes: node.sizeBytes,
    link: '',
    open: (options) => tree.open(node, options),
    digest: (options) => tree.digest(node, options),
    learn: (digest) => tree.learn(node, digest),
  };
}

function meta(node: SourceNode, rules: CopyRules): Omit<DraftNode, 'type' | 'sizeBytes' | 'link'> {
  const mode = rules.chmod === undefined ? node.mode : rules.chmod(node.mode, node.type === 'directory');
  return {
    mode: node.type === 'symlink' ? 0o777 : mode,
    uid: rules.owner?.uid ?? node.uid,
    gid: rules.owner?.gid ?? node.gid,
    mtime: rules.mtime ?? node.mtime,
    devMajor: node.devMajor,
    devMinor: node.devMinor,
    xattrs: node.xattrs,
  };
}

function replacesFolder(path: string): EngineError {
  return new EngineError('CONFLICT', `cannot replace the folder ${path} with a file`, {
    hint: 'End the destination with / to put the file into the folder.',
  });
}
