import { isDeepStrictEqual } from 'node:util';
import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { RootFs } from '../../filetree/root-fs.ts';
import { layerXattrs } from '../../tar/layer-xattrs.ts';
import { formatOpaque } from '../../tar/whiteout.ts';
import { createTarEntry, type TarEntry } from '../../tar/tar-entry.ts';
import { resolveLinks } from '../source/resolve-links.ts';
import type { OpenOptions, SourceContent } from '../source/source-tree.ts';

/** An inode of the layer to be: several names of it are hard links. */
export interface DraftNode extends Omit<TarEntry, 'path' | 'type'> {
  readonly type: 'file' | 'directory' | 'symlink' | 'char' | 'block' | 'fifo';
  /** Opens a file's bytes; absent for everything but files. */
  readonly open?: ((options: OpenOptions) => SourceContent) | undefined;
  /** The digest of the bytes without writing them, where the source can tell. */
  readonly digest?: ((options: { readonly signal?: AbortSignal | undefined }) => Promise<Digest>) | undefined;
  /** Told the digest of the bytes once they are written. */
  readonly learn?: ((digest: `sha256:${string}` | `sha512:${string}`) => void) | undefined;
}

/** What is at a path of the root file system with the draft on top. */
export type MergedNode = Pick<DraftNode, 'type' | 'mode' | 'uid' | 'gid' | 'mtime' | 'link' | 'xattrs'>;

export interface DraftEntry {
  readonly entry: TarEntry;
  readonly node: DraftNode;
}

/** How folders that a copy needs are made. */
export interface FolderMaking {
  readonly uid: number | undefined;
  readonly gid: number | undefined;
  readonly mode: number;
  readonly mtime: number;
}

/**
 * A layer that is being composed over a root file system, in memory and without content: names, metadata, and where
 * the bytes will come from. Written paths are resolved by the caller; nothing touches the host (S1).
 */
export class LayerDraft {
  private readonly base: RootFs | undefined;
  private readonly nodes = new Map<string, DraftNode>();
  /** Paths whose content below this layer is hidden. */
  private readonly hidden = new Set<string>();
  private readonly opaque = new Set<string>();

  constructor(base: RootFs | undefined) {
    this.base = base;
  }

  /** The node at a path whose parents are no links. */
  lstat(path: string): MergedNode | undefined {
    if (path === '/') return this.nodes.get('/') ?? this.baseNode('/') ?? ROOT;
    return this.nodes.get(path) ?? (this.isHidden(path) ? undefined : this.baseNode(path));
  }

  /** Where a write to this path goes, links followed. */
  resolve(path: string): string {
    return resolveLinks(path, (at) => this.lstat(at), true);
  }

  /** Makes the missing folders of a resolved path. CONFLICT when something else is in the way. */
  makeFolders(path: string, making: FolderMaking): void {
    let at = '';
    for (const name of path.split('/').filter((part) => part !== '')) {
      const parent = this.lstat(at === '' ? '/' : at);
      at = `${at}/${name}`;
      const node = this.lstat(at);
      if (node === undefined) this.put(at, newFolder(parent, making));
      else if (node.type !== 'directory') throw notAFolder(at);
    }
  }

  /** Puts a node in place of whatever is there; a folder that replaces a folder keeps what that holds. */
  put(path: string, node: DraftNode): void {
    const before = this.lstat(path);
    if (node.type === 'directory' && before?.type === 'directory') {
      this.nodes.set(path, node);
      return;
    }
    if (before?.type === 'directory') this.dropBelow(path);
    const replaces = this.base?.lstat(path)?.entry.type === 'directory';
    if (node.type !== 'directory' && replaces) this.hidden.add(path);
    if (node.type === 'directory' && this.hidden.has(path)) this.opaque.add(path);
    this.nodes.set(path, node);
  }

  /** Changes only the time of an existing folder. */
  touch(path: string, mtime: number): void {
    const node = this.lstat(path);
    if (node?.type === 'directory' && path !== '/') this.put(path, { ...folderNode(node), mtime });
  }

  /** Changes an inode under all its names and answers what it is now. */
  change(node: DraftNode, change: Partial<DraftNode>): DraftNode {
    const changed = { ...node, ...change };
    if (isDeepStrictEqual(changed, node)) return node;
    for (const [path, other] of this.nodes) if (other === node) this.nodes.set(path, changed);
    return changed;
  }

  /** The node that this layer has at a path: put again elsewhere, it is a hard link. */
  getOwn(path: string): DraftNode | undefined {
    return this.nodes.get(path);
  }

  /** All entries, parents first, in byte order of their names; the first name of an inode carries it. */
  entries(): readonly DraftEntry[] {
    const names = new Map<DraftNode, string>();
    const result: DraftEntry[] = [];
    for (const [path, node] of this.changedNodes()) {
      const relative = path.slice(1);
      const first = names.get(node);
      if (first === undefined) names.set(node, relative);
      result.push({ entry: toEntry(relative, node, first), node });
      if (this.opaque.has(path)) result.push(opaqueEntry(relative));
    }
    return result;
  }

  /**
   * In order, without folders of which only the time would change: for those a layer has no entry, as BuildKit's, so
   * that copying nothing into a folder leaves it as it was.
   */
  private changedNodes(): readonly (readonly [string, DraftNode])[] {
    const needed = new Set<string>();
    const changed = sortByPath(this.nodes)
      .toReversed()
      .filter(([path, node]) => {
        if (!needed.has(path) && this.isOnlyTouched(path, node)) return false;
        for (let at = parentOf(path); at !== '' && !needed.has(at); at = parentOf(at)) needed.add(at);
        return true;
      });
    return changed.toReversed();
  }

  private isOnlyTouched(path: string, node: DraftNode): boolean {
    if (node.type !== 'directory' || this.opaque.has(path)) return false;
    const before = this.isHidden(path) ? undefined : this.baseNode(path);
    if (before?.type !== 'directory') return false;
    return before.mode === node.mode && before.uid === node.uid && before.gid === node.gid;
  }

  private baseNode(path: string): MergedNode | undefined {
    const node = this.base?.lstat(path);
    if (node === undefined || (path !== '/' && node.path !== path)) return undefined;
    const { entry } = node;
    return { ...entry, type: entry.type === 'hardlink' ? 'file' : entry.type };
  }

  private isHidden(path: string): boolean {
    if (this.hidden.size === 0) return false;
    for (let at = path; at !== ''; at = at.slice(0, at.lastIndexOf('/'))) {
      if (this.hidden.has(at)) return true;
    }
    return false;
  }

  private dropBelow(path: string): void {
    for (const other of this.nodes.keys()) {
      if (other.startsWith(`${path}/`)) this.nodes.delete(other);
    }
  }
}

const ROOT: MergedNode = folderNode({ mode: 0o755, uid: 0, gid: 0, mtime: 0, xattrs: new Map() });

function folderNode(node: Pick<MergedNode, 'mode' | 'uid' | 'gid' | 'mtime' | 'xattrs'>): DraftNode {
  const { mode, uid, gid, mtime, xattrs } = node;
  return {
    ...createTarEntry({ path: '', type: 'directory', mode, uid, gid, mtime, xattrs }),
    type: 'directory',
  };
}

/** As mkdir does: a set-group-ID parent passes its group and the bit on. */
function newFolder(parent: MergedNode | undefined, making: FolderMaking): DraftNode {
  const inherits = ((parent?.mode ?? 0) & 0o2000) !== 0;
  return folderNode({
    mode: inherits ? making.mode | 0o2000 : making.mode,
    uid: making.uid ?? 0,
    gid: making.gid ?? (inherits ? (parent?.gid ?? 0) : 0),
    mtime: making.mtime,
    xattrs: new Map(),
  });
}

function parentOf(path: string): string {
  return path.slice(0, Math.max(0, path.lastIndexOf('/')));
}

function toEntry(path: string, node: DraftNode, first: string | undefined): TarEntry {
  const { open: _open, digest: _digest, learn: _learn, ...rest } = node;
  const meta = { ...rest, xattrs: layerXattrs(node.xattrs) };
  if (first === undefined || node.type === 'directory') return { ...meta, path };
  return { ...meta, path, type: 'hardlink', link: first, sizeBytes: 0 };
}

function opaqueEntry(path: string): DraftEntry {
  const entry = createTarEntry({ path: formatOpaque(path), type: 'file' });
  return { entry, node: { ...entry, type: 'file', open: () => new Uint8Array() } };
}

function sortByPath<T>(nodes: ReadonlyMap<string, T>): readonly (readonly [string, T])[] {
  const keyed = Array.from(nodes, ([path, node]) => ({ key: path.replaceAll('/', '\0'), path, node }));
  // From the surrogates on, the order of UTF-16 is not that of bytes.
  const isPlain = keyed.every(({ key }) => !/[\ud800-\uffff]/.test(key));
  keyed.sort(isPlain ? (a, b) => (a.key < b.key ? -1 : 1) : (a, b) => compareBytes(a.key, b.key));
  return keyed.map(({ path, node }) => [path, node]);
}

function compareBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

function notAFolder(path: string): EngineError {
  return new EngineError('CONFLICT', `${path} is not a folder in the image, so nothing can be put into it`, {
    hint: 'Choose another destination.',
  });
}
