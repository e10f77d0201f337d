import { join } from 'node:path';
import { EngineError } from '../../../contract/errors.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { makeWorkFolder } from '../../store/work-folder.ts';
import type { TarEntry } from '../../tar/tar-entry.ts';
import { readSlice, spoolArchive, type ArchiveEntry } from '../source/read-archive.ts';
import { DEFAULT_FOLDER_MODE, folderMaking, type CopyRules } from './apply-copy.ts';
import type { SourceContent } from '../source/source-tree.ts';
import type { DraftNode, FolderMaking, LayerDraft } from './layer-draft.ts';

export type ArchiveOptions = LongOptions & {
  /** The store's folder. */
  readonly root: string;
  readonly cleanUp: AsyncDisposableStack;
};

/**
 * Unpacks an archive into the draft, as ADD does: entries replace whatever is there, keep their owner unless --chown
 * says otherwise, and go where links of the image lead. The plain archive lies in a temporary file until `cleanUp`.
 */
export async function applyArchive(
  draft: LayerDraft,
  job: { readonly content: SourceContent; readonly destination: string },
  rules: CopyRules,
  options: ArchiveOptions,
): Promise<void> {
  const folder = options.cleanUp.use(await makeWorkFolder(options.root));
  const spool = join(folder.path, 'archive.tar');
  const entries = await spoolArchive(job.content, spool, options);
  const destination = draft.resolve(job.destination);
  draft.makeFolders(destination, { ...folderMaking(rules), mode: DEFAULT_FOLDER_MODE });
  for (const entry of entries) applyEntry(draft, destination, entry, spool, rules);
}

function applyEntry(
  draft: LayerDraft,
  destination: string,
  { entry, contentOffset }: ArchiveEntry,
  spool: string,
  rules: CopyRules,
): void {
  if (entry.path === '') return;
  const path = placeOf(draft, destination, entry.path);
  draft.makeFolders(path.slice(0, Math.max(1, path.lastIndexOf('/'))), impliedFolder(rules));
  if (entry.type !== 'hardlink') return draft.put(path, toNode(entry, contentOffset, spool, rules));
  const target = linkTarget(draft, destination, entry);
  draft.put(path, draft.change(target, linkChange(target, entry, rules)));
}

/** Folders that the archive does not list belong to root, whatever --chown says. */
function impliedFolder(rules: CopyRules): FolderMaking {
  return {
    uid: undefined,
    gid: undefined,
    mode: DEFAULT_FOLDER_MODE,
    mtime: rules.mtime ?? rules.now,
  };
}

/** Links in the folders on the way are followed, inside the root file system; the last name is not. */
function placeOf(draft: LayerDraft, destination: string, path: string): string {
  const slash = path.lastIndexOf('/');
  const folder = draft.resolve(`${destination}/${path.slice(0, Math.max(0, slash))}`);
  return `${folder === '/' ? '' : folder}/${path.slice(slash + 1)}`;
}

function linkTarget(draft: LayerDraft, destination: string, entry: TarEntry): DraftNode {
  const node = draft.getOwn(placeOf(draft, destination, entry.link));
  if (node !== undefined && node.type !== 'directory') return node;
  throw new EngineError(
    'CORRUPT',
    `the archive's ${entry.path} is a hard link to ${entry.link}, which it lacks`,
  );
}

/** What a hard link's entry says of owner, mode and time is the file's from then on; a link's mode and time stay. */
function linkChange(target: DraftNode, entry: TarEntry, rules: CopyRules): Partial<DraftNode> {
  const { uid, gid } = rules.owner ?? entry;
  if (target.type === 'symlink') return { uid, gid };
  return { uid, gid, mode: entry.mode, mtime: rules.mtime ?? timeOf(entry) };
}

/** A time before 1970 is not kept. */
function timeOf(entry: TarEntry): number {
  return Math.max(0, Math.floor(entry.mtime));
}

function toNode(entry: TarEntry, contentOffset: number, spool: string, rules: CopyRules): DraftNode {
  const { path: _path, type, ...meta } = entry;
  const owner = rules.owner ?? entry;
  const node = {
    ...meta,
    type: type as DraftNode['type'],
    uid: owner.uid,
    gid: owner.gid,
    mtime: rules.mtime ?? timeOf(entry),
  };
  return type === 'file' ? { ...node, open: () => readSlice(spool, contentOffset, entry.sizeBytes) } : node;
}
