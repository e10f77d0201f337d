import { constants, lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cancelled, EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { IgnoreAnswer, IgnoreMatcher, IgnoreState } from '../../dockerfile/ignore-file.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { NO_XATTRS, type SourceNode } from '../source/source-tree.ts';
import { WalkedEntries } from './walked-entries.ts';

/** A file or folder of the host as the walk saw it: metadata only, nothing was opened. */
export interface WalkedNode extends SourceNode {
  readonly hostPath: string;
  /** Its place in the walk, for its status. */
  readonly walk: WalkedFolder;
  readonly index: number;
}

export interface WalkOptions extends LongOptions {
  /** What is left out. A folder that is left out comes back when something in it is taken back by `!`. */
  readonly ignore?: IgnoreMatcher | undefined;
  readonly onIgnored?: ((path: string, stats: BigIntStats) => void) | undefined;
  readonly onProgress?: ((entries: number) => void) | undefined;
}

const ENTRIES_A_TURN = 2000;

/**
 * Walks a folder of the host. Links are read and never followed; what cannot be read is noted, not refused. Takes a
 * system call an entry and hardly more: about 3 ms for 1,000 files. A forecast may do that at each keystroke.
 */
export async function walkFolder(root: string, options: WalkOptions = {}): Promise<WalkedFolder> {
  const startedNs = BigInt(Date.now()) * 1_000_000n;
  const walk = new Walk(root, options);
  while (walk.advance()) {
    if (options.signal?.aborted) throw cancelled('reading the build context');
    options.onProgress?.(walk.seen);
    await nextTurn();
  }
  return new WalkedFolder(root, startedNs, walk.entries, walk.unreadable);
}

/** What a walk met. Nodes are made when they are asked for: a build in which nothing changed needs none. */
export class WalkedFolder {
  readonly root: string;
  /** When the walk began, in nanoseconds since 1970. */
  readonly startedNs: bigint;
  readonly entries: WalkedEntries;
  private readonly unreadable: ReadonlySet<number>;
  private knownRevision: Digest | undefined;
  private revisionIsKnown = false;
  private made:
    | {
        readonly nodes: ReadonlyMap<string, WalkedNode>;
        readonly children: ReadonlyMap<string, readonly WalkedNode[]>;
      }
    | undefined;

  constructor(root: string, startedNs: bigint, entries: WalkedEntries, unreadable: ReadonlySet<number>) {
    this.root = root;
    this.startedNs = startedNs;
    this.entries = entries;
    this.unreadable = unreadable;
  }

  /** The nodes by path. */
  get nodes(): ReadonlyMap<string, WalkedNode> {
    return (this.made ??= this.makeNodes()).nodes;
  }

  /** The children of each folder in byte order. */
  get children(): ReadonlyMap<string, readonly WalkedNode[]> {
    return (this.made ??= this.makeNodes()).children;
  }

  /**
   * Stands for the content of all files without reading one: equal only for the same entries of the same folder with
   * the same content. Undefined when one has changed so recently that its metadata cannot tell (R12).
   */
  get revision(): Digest | undefined {
    if (this.revisionIsKnown) return this.knownRevision;
    this.revisionIsKnown = true;
    return (this.knownRevision = this.isSettled() ? this.entries.digest() : undefined);
  }

  private isSettled(): boolean {
    const { entries, startedNs, unreadable } = this;
    if (unreadable.size > 0) return false;
    for (let i = 0; i < entries.count; i++) {
      if (!entries.isRacy(i, startedNs)) continue;
      const isFolder = (Number(entries.get(i, 'mode')) & constants.S_IFMT) === constants.S_IFDIR;
      if (!isFolder) return false;
    }
    return true;
  }

  private makeNodes(): NonNullable<typeof this.made> {
    const nodes = new Map<string, WalkedNode>();
    const children = new Map<string, WalkedNode[]>();
    for (let index = 0; index < this.entries.count; index++) {
      const node = this.makeNode(index);
      nodes.set(node.path, node);
      if (node.type === 'directory') children.set(node.path, []);
      const parent = node.path.slice(0, Math.max(1, node.path.lastIndexOf('/')));
      if (index > 0) children.get(parent)?.push(node);
    }
    return { nodes, children };
  }

  private makeNode(index: number): WalkedNode {
    const { entries, root } = this;
    const path = entries.paths[index]!;
    const hostPath = index === 0 ? root : `${root}${path}`;
    const mode = Number(entries.get(index, 'mode'));
    const type = typeOf(mode);
    const isLinked = type !== 'directory' && entries.get(index, 'nlink') > 1n;
    return {
      path,
      hostPath,
      type: this.unreadable.has(index) ? 'unreadable' : type,
      mode: mode & 0o7777,
      // The owner on the host means nothing in an image: everything of a context is root's.
      uid: 0,
      gid: 0,
      sizeBytes: type === 'file' ? Number(entries.get(index, 'size')) : 0,
      mtime: Number(entries.get(index, 'mtimeNs') / 1_000_000_000n),
      link: type === 'symlink' ? readlinkSync(hostPath) : '',
      devMajor: 0,
      devMinor: 0,
      xattrs: NO_XATTRS,
      inode: isLinked ? `${entries.get(index, 'dev')}:${entries.get(index, 'ino')}` : undefined,
      walk: this,
      index,
    };
  }
}

/** A folder that is being walked, and how far that has come. */
interface OpenFolder {
  /** Empty for the root. */
  readonly path: string;
  readonly hostPath: string;
  /** Its own entry. */
  readonly index: number;
  readonly isIgnored: boolean;
  readonly ignoreState: IgnoreState | undefined;
  /** Read at the first step. */
  names: readonly string[] | undefined;
  next: number;
  /** Whether something in it is part of the result. */
  holds: boolean;
}

/** Keeps a stack of its own, to pause between any two entries for nothing: the system calls are to be all that it costs. */
class Walk {
  readonly entries = new WalkedEntries();
  readonly unreadable = new Set<number>();
  seen = 0;
  private readonly root: string;
  private readonly options: WalkOptions;
  private readonly open: OpenFolder[] = [];

  constructor(root: string, options: WalkOptions) {
    this.root = root;
    this.options = options;
    this.enter('', this.entries.add('', -1, lstatSync(root, { bigint: true })), undefined);
  }

  /** Goes on by some entries; false when it is through. */
  advance(): boolean {
    const pauseAt = this.seen + ENTRIES_A_TURN;
    while (this.seen < pauseAt) {
      const folder = this.open.at(-1);
      if (folder === undefined) return false;
      this.step(folder);
    }
    return true;
  }

  private enter(path: string, index: number, answer: IgnoreAnswer | undefined): void {
    const [isIgnored, ignoreState] = [answer?.ignored === true, answer?.state];
    const hostPath = `${this.root}${path}`;
    this.open.push({
      path,
      hostPath,
      index,
      isIgnored,
      ignoreState,
      names: undefined,
      next: 0,
      holds: false,
    });
  }

  private step(folder: OpenFolder): void {
    try {
      const name = (folder.names ??= readNames(folder.hostPath))[folder.next++];
      if (name === undefined) this.leave(folder);
      else this.look(folder, name);
    } catch (error) {
      if (!isAccessError(error) || folder.index === 0) throw error;
      this.refuse(folder);
    }
  }

  private look(folder: OpenFolder, name: string): void {
    this.seen += 1;
    const stats = lstatSync(`${folder.hostPath}/${name}`, LSTAT_OPTIONS);
    if (stats === undefined) checkMissing(`${folder.path}/${name}`);
    else this.visit(folder, name, stats);
  }

  private visit(folder: OpenFolder, name: string, stats: BigIntStats): void {
    const isFolder = (Number(stats.mode) & constants.S_IFMT) === constants.S_IFDIR;
    const answer = this.askIgnore(folder, name);
    if (answer?.ignored === true && (!isFolder || answer.prunable)) {
      this.options.onIgnored?.(`${folder.path}/${name}`.slice(1), stats);
      return;
    }
    const index = this.entries.add(name, folder.index, stats);
    if (isFolder) this.enter(`${folder.path}/${name}`, index, answer);
    else folder.holds = true;
  }

  private askIgnore({ path, ignoreState }: OpenFolder, name: string): IgnoreAnswer | undefined {
    return this.options.ignore?.visit(`${path}/${name}`.slice(1), ignoreState);
  }

  /** A folder that may not be read, or not be entered, is an error only when it is copied. */
  private refuse(folder: OpenFolder): void {
    folder.names = [];
    folder.holds = false;
    if (!folder.isIgnored) this.unreadable.add(folder.index);
  }

  /** A folder that is left out stays for what is in it, when `!` has taken something back. */
  private leave({ index, isIgnored, holds }: OpenFolder): void {
    this.open.pop();
    const parent = this.open.at(-1);
    if (isIgnored && !holds) this.entries.truncate(index);
    else if (parent !== undefined) parent.holds = true;
  }
}

const LSTAT_OPTIONS = { bigint: true, throwIfNoEntry: false } as const;

function isAccessError(error: unknown): boolean {
  const code = (error as NodeJS.ErrnoException).code;
  return code === 'EACCES' || code === 'EPERM';
}

function readNames(folder: string): readonly string[] {
  const names = readdirSync(folder);
  return names.some((name) => /[^\u0020-\u007e]/.test(name)) ? names.sort(byBytes) : names.sort();
}

function byBytes(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}

/** A name that is not UTF-8 comes back changed, and then there is no such file. */
function checkMissing(path: string): void {
  if (!path.includes('\ufffd')) return;
  throw new EngineError('UNSUPPORTED', `the name ${JSON.stringify(path.slice(1))} is not UTF-8`, {
    hint: 'Rename the file, or leave its folder out with .dockerignore.',
  });
}

function typeOf(mode: number): WalkedNode['type'] {
  return TYPES.get(mode & constants.S_IFMT) ?? 'char';
}

const TYPES: ReadonlyMap<number, WalkedNode['type']> = new Map([
  [constants.S_IFREG, 'file'],
  [constants.S_IFDIR, 'directory'],
  [constants.S_IFLNK, 'symlink'],
  [constants.S_IFIFO, 'fifo'],
  [constants.S_IFSOCK, 'socket'],
  [constants.S_IFBLK, 'block'],
]);
