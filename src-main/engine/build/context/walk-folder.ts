import { lstatSync, readdirSync, readlinkSync, type BigIntStats } from 'node:fs';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { cancelled, EngineError } from '../../../contract/errors.ts';
import type { IgnoreMatcher, IgnoreState } from '../../dockerfile/ignore-file.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import { stampOf } from './stamp-of.ts';
import { NO_XATTRS, type SourceNode } from '../source/source-tree.ts';

/** A file or folder of the host as the walk saw it: metadata only, nothing was opened. */
export interface WalkedNode extends SourceNode {
  readonly hostPath: string;
  /** size, mtime, ctime and inode: the same text means the same content, but for the racy rule (R12). */
  readonly stamp: string;
  readonly changedNs: bigint;
}

export interface WalkOptions extends LongOptions {
  /** What is left out. A folder that is left out comes back when something in it is taken back by `!`. */
  readonly ignore?: IgnoreMatcher | undefined;
  readonly onIgnored?: ((path: string, stats: BigIntStats) => void) | undefined;
  readonly onProgress?: ((entries: number) => void) | undefined;
}

/** The nodes by path and, for folders, their children in byte order. */
export interface WalkedFolder {
  readonly root: string;
  readonly nodes: ReadonlyMap<string, WalkedNode>;
  readonly children: ReadonlyMap<string, readonly WalkedNode[]>;
  /** When the walk began, in nanoseconds since 1970. */
  readonly startedNs: bigint;
}

const ENTRIES_A_TURN = 2000;

/** Walks a folder of the host. Links are read and never followed; what cannot be read is noted, not refused. */
export async function walkFolder(root: string, options: WalkOptions = {}): Promise<WalkedFolder> {
  return new Walk(root, options).run();
}

class Walk {
  private readonly root: string;
  private readonly options: WalkOptions;
  private readonly nodes = new Map<string, WalkedNode>();
  private readonly children = new Map<string, WalkedNode[]>();
  private readonly startedNs = BigInt(Date.now()) * 1_000_000n;
  private seen = 0;

  constructor(root: string, options: WalkOptions) {
    this.root = root;
    this.options = options;
  }

  async run(): Promise<WalkedFolder> {
    const stats = lstatSync(this.root, { bigint: true });
    this.nodes.set('/', createNode('/', this.root, stats));
    await this.enter('', this.root, undefined);
    const { root, nodes, children, startedNs } = this;
    return { root, nodes, children, startedNs };
  }

  /** Lists one folder; true when something in it is part of the result. */
  private async enter(path: string, hostPath: string, state: IgnoreState | undefined): Promise<boolean> {
    const listed: WalkedNode[] = [];
    const names = readNames(hostPath);
    this.children.set(path === '' ? '/' : path, listed);
    for (const name of names) {
      this.seen += 1;
      if (this.seen % ENTRIES_A_TURN === 0) await this.rest();
      const node = await this.visit(`${path}/${name}`, `${hostPath}/${name}`, state);
      if (node !== undefined) listed.push(node);
    }
    return listed.length > 0;
  }

  private async visit(
    path: string,
    hostPath: string,
    state: IgnoreState | undefined,
  ): Promise<WalkedNode | undefined> {
    const stats = lstatSync(hostPath, { bigint: true, throwIfNoEntry: false });
    if (stats === undefined) return missing(path);
    const answer = this.options.ignore?.visit(path.slice(1), state);
    if (answer?.ignored === true && (answer.prunable || !stats.isDirectory())) {
      this.options.onIgnored?.(path.slice(1), stats);
      return undefined;
    }
    const node = createNode(path, hostPath, stats);
    if (!stats.isDirectory()) return this.note(node);
    const outcome = await this.enterReadable(node, answer?.state);
    if (answer?.ignored === true && outcome !== 'holds') {
      this.children.delete(path);
      return undefined;
    }
    return this.note(outcome === 'unreadable' ? { ...node, type: 'unreadable' } : node);
  }

  /** A folder that may not be read is an error only when it is copied. */
  private async enterReadable(
    node: WalkedNode,
    state: IgnoreState | undefined,
  ): Promise<'holds' | 'empty' | 'unreadable'> {
    try {
      return (await this.enter(node.path, node.hostPath, state)) ? 'holds' : 'empty';
    } catch (error) {
      if (!isAccessError(error)) throw error;
      return 'unreadable';
    }
  }

  private note(node: WalkedNode): WalkedNode {
    this.nodes.set(node.path, node);
    return node;
  }

  private async rest(): Promise<void> {
    if (this.options.signal?.aborted) throw cancelled('reading the build context');
    this.options.onProgress?.(this.seen);
    await nextTurn();
  }
}

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
function missing(path: string): undefined {
  if (!path.includes('\ufffd')) return undefined;
  throw new EngineError('UNSUPPORTED', `the name ${JSON.stringify(path.slice(1))} is not UTF-8`, {
    hint: 'Rename the file, or leave its folder out with .dockerignore.',
  });
}

function typeOf(stats: BigIntStats): WalkedNode['type'] {
  if (stats.isFile()) return 'file';
  if (stats.isDirectory()) return 'directory';
  if (stats.isSymbolicLink()) return 'symlink';
  if (stats.isFIFO()) return 'fifo';
  if (stats.isSocket()) return 'socket';
  return stats.isBlockDevice() ? 'block' : 'char';
}

function createNode(path: string, hostPath: string, stats: BigIntStats): WalkedNode {
  const type = typeOf(stats);
  return {
    path,
    hostPath,
    type,
    mode: Number(stats.mode & 0o7777n),
    // The owner on the host means nothing in an image: everything of a context is root's.
    uid: 0,
    gid: 0,
    sizeBytes: type === 'file' ? Number(stats.size) : 0,
    mtime: Number(stats.mtimeNs / 1_000_000_000n),
    link: type === 'symlink' ? readlinkSync(hostPath) : '',
    devMajor: 0,
    devMinor: 0,
    xattrs: NO_XATTRS,
    inode: type !== 'directory' && stats.nlink > 1n ? `${stats.dev}:${stats.ino}` : undefined,
    stamp: stampOf(stats),
    changedNs: stats.ctimeNs > stats.mtimeNs ? stats.ctimeNs : stats.mtimeNs,
  };
}
