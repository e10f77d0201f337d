import { EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { createTarEntry, type TarEntry } from '../tar/tar-entry.ts';
import { isAufsMetadata, parseWhiteout } from '../tar/whiteout.ts';

/** How overlayfs (with `userxattr`) says that a folder hides what lower layers have in it. */
const OPAQUE_XATTR = 'user.overlay.opaque';
const OPAQUE_VALUE = Buffer.from('y');
/** overlayfs's own attributes on the files of its layers; never an image's. */
export const OVERLAY_XATTR_PREFIX = 'user.overlay.';

export interface LayerTreeOptions {
  readonly diffId: Digest;
  /** Whether real devices can be made; where not they are left out, as every rootless tool must. */
  readonly devices: boolean;
  readonly idLimits: { readonly uid: number; readonly gid: number };
}

/** How a layer becomes a folder for overlayfs. */
export interface LayerTree {
  /** Folders that must be there first: those that hold entries but are no entry themselves, and whiteouts. */
  readonly before: readonly TarEntry[];
  /** For each entry of the layer in archive order: what is written in its place, if anything. */
  readonly entries: readonly (TarEntry | undefined)[];
}

/**
 * Turns a layer's entries (in archive order) into those of the folder that overlayfs takes for it. What results can be
 * extracted without ever following a link (S2): every entry that is kept has nothing but folders above it, each path is
 * written once, and a hard link names a file written before it. CORRUPT when the layer cannot be had like that.
 */
export function planLayerTree(entries: readonly TarEntry[], options: LayerTreeOptions): LayerTree {
  const winners = lastOfEachPath(entries);
  const whiteouts = collectWhiteouts(entries);
  const folders = impliedFolders(entries, winners, options);
  const opaque = new Set(whiteouts.opaque);
  const removed: TarEntry[] = [];
  for (const path of whiteouts.removed) {
    const winner = winners.get(path);
    if (liesInFile(path, entries, winners)) continue;
    if (folders.has(path) || (winner !== undefined && entries[winner]?.type === 'directory'))
      opaque.add(path);
    else if (winner === undefined) removed.push(whiteoutDevice(path));
  }
  for (const path of [...removed.map((each) => each.path), ...opaque]) addParents(path, folders, winners);
  for (const path of opaque) if (path !== '' && !winners.has(path)) folders.add(path);
  return {
    before: [...sorted(folders).map((path) => folder(path, opaque)), ...removed],
    entries: keepEntries(entries, winners, opaque, options),
  };
}

function lastOfEachPath(entries: readonly TarEntry[]): ReadonlyMap<string, number> {
  const winners = new Map<string, number>();
  entries.forEach((entry, index) => {
    if (isContent(entry)) winners.set(entry.path, index);
  });
  return winners;
}

function isContent(entry: TarEntry): boolean {
  return entry.path !== '' && !isAufsMetadata(entry.path) && parseWhiteout(entry.path) === undefined;
}

interface Whiteouts {
  readonly removed: ReadonlySet<string>;
  readonly opaque: ReadonlySet<string>;
}

function collectWhiteouts(entries: readonly TarEntry[]): Whiteouts {
  const removed = new Set<string>();
  const opaque = new Set<string>();
  for (const entry of entries) {
    const whiteout = isAufsMetadata(entry.path) ? undefined : parseWhiteout(entry.path);
    if (whiteout !== undefined) (whiteout.kind === 'opaque' ? opaque : removed).add(whiteout.path);
  }
  return { removed, opaque };
}

/** The folders that entries lie in without being listed. */
function impliedFolders(
  entries: readonly TarEntry[],
  winners: ReadonlyMap<string, number>,
  options: LayerTreeOptions,
): Set<string> {
  const folders = new Set<string>();
  for (const path of winners.keys()) {
    for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
      const winner = winners.get(parent);
      if (winner === undefined) folders.add(parent);
      else if (entries[winner]?.type === 'directory') break;
      else throw corrupt(options, `${quote(path)} lies in ${quote(parent)}, which is no folder`);
    }
  }
  return folders;
}

/** A whiteout below what this layer makes a file hides nothing that the file does not. */
function liesInFile(
  path: string,
  entries: readonly TarEntry[],
  winners: ReadonlyMap<string, number>,
): boolean {
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    const winner = winners.get(parent);
    if (winner !== undefined && entries[winner]?.type !== 'directory') return true;
  }
  return false;
}

function addParents(path: string, folders: Set<string>, winners: ReadonlyMap<string, number>): void {
  for (let parent = parentOf(path); parent !== ''; parent = parentOf(parent)) {
    if (!winners.has(parent)) folders.add(parent);
  }
}

function keepEntries(
  entries: readonly TarEntry[],
  winners: ReadonlyMap<string, number>,
  opaque: ReadonlySet<string>,
  options: LayerTreeOptions,
): readonly (TarEntry | undefined)[] {
  return entries.map((entry, index) => {
    if (winners.get(entry.path) !== index || isLeftOut(entry, options)) return undefined;
    checkIds(entry, options);
    if (entry.type === 'hardlink') checkLink(entry, index, entries, winners, options);
    return { ...entry, xattrs: keepXattrs(entry, opaque.has(entry.path)) };
  });
}

function isLeftOut(entry: TarEntry, options: LayerTreeOptions): boolean {
  if (entry.type !== 'char' && entry.type !== 'block') return false;
  return !options.devices || (entry.type === 'char' && entry.devMajor === 0 && entry.devMinor === 0);
}

function keepXattrs(entry: TarEntry, isOpaque: boolean): TarEntry['xattrs'] {
  const kept = [...entry.xattrs].filter(([name]) => isKeptXattr(name));
  return new Map(isOpaque ? [...kept, [OPAQUE_XATTR, OPAQUE_VALUE]] : kept);
}

/** Attributes of an image's files that a command may see; others belong to the machine that it was made on. */
function isKeptXattr(name: string): boolean {
  if (name === 'security.capability') return true;
  return name.startsWith('user.') && !name.startsWith(OVERLAY_XATTR_PREFIX);
}

function checkIds(entry: TarEntry, { idLimits, diffId }: LayerTreeOptions): void {
  if (entry.uid < idLimits.uid && entry.gid < idLimits.gid) return;
  throw new EngineError(
    'UNSUPPORTED',
    `layer ${diffId} has ${quote(entry.path)} of user ${entry.uid} and group ${entry.gid}, but only ids below ${Math.min(idLimits.uid, idLimits.gid)} exist here`,
    { hint: 'Give your user a larger range in /etc/subuid and /etc/subgid.' },
  );
}

function checkLink(
  entry: TarEntry,
  index: number,
  entries: readonly TarEntry[],
  winners: ReadonlyMap<string, number>,
  options: LayerTreeOptions,
): void {
  const target = winners.get(entry.link);
  const type = target === undefined ? undefined : entries[target]?.type;
  if (target !== undefined && target < index && type !== 'directory') return;
  throw corrupt(
    options,
    `${quote(entry.path)} is a hard link to ${quote(entry.link)}, which is not before it`,
  );
}

function whiteoutDevice(path: string): TarEntry {
  return createTarEntry({ path, type: 'char', mode: 0, devMajor: 0, devMinor: 0 });
}

function folder(path: string, opaque: ReadonlySet<string>): TarEntry {
  const xattrs = new Map<string, Uint8Array>(opaque.has(path) ? [[OPAQUE_XATTR, OPAQUE_VALUE]] : []);
  return createTarEntry({ path, type: 'directory', xattrs });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function sorted(paths: ReadonlySet<string>): readonly string[] {
  return [...paths].sort();
}

function corrupt({ diffId }: LayerTreeOptions, what: string): EngineError {
  return new EngineError('CORRUPT', `layer ${diffId} cannot be unpacked: ${what}`);
}

function quote(text: string): string {
  return JSON.stringify(text.slice(0, 200));
}
