import type { Digest } from '../../../contract/oci-types.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { TarEntryType } from '../../tar/tar-entry.ts';

/** A file, folder or link that COPY and ADD can take. */
export interface SourceNode {
  /** Absolute inside its tree, clean: `/src/main.c`; the root is `/`. */
  readonly path: string;
  readonly type: Exclude<TarEntryType, 'hardlink'> | 'socket' | 'unreadable';
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  readonly sizeBytes: number;
  /** Seconds since 1970. */
  readonly mtime: number;
  readonly link: string;
  readonly devMajor: number;
  readonly devMinor: number;
  readonly xattrs: ReadonlyMap<string, Uint8Array>;
  /** Equal for hard links of each other; undefined when the node has only one name. */
  readonly inode: string | undefined;
}

/** Where an ignore file says that a path is left out. */
export interface IgnoredBy {
  readonly pattern: string;
  /** `.dockerignore:3`. */
  readonly place: string;
}

export interface OpenOptions extends LongOptions {
  /**
   * A place for the bytes: a small file may be read into it, which is then answered, and each piece of a large one,
   * which is to be used before the next is asked for. As long as the file, or a mebibyte where that is less.
   */
  readonly into?: Uint8Array | undefined;
}

export interface DigestOptions extends LongOptions {
  /** Told of bytes as they are read; what it promises is waited for. */
  readonly onRead?: ((bytes: number) => Promise<void> | undefined) | undefined;
}

export type SourceContent = AsyncIterable<Uint8Array> | Uint8Array;

/**
 * What COPY and ADD read from: the build context, another folder, or a stack of layers. Paths are resolved inside
 * the tree and never outside (S1). What the tree shows does not change while a build runs.
 */
export interface SourceTree {
  /** For messages: `the build context`, `stage build`. */
  readonly name: string;
  /** The node at a path; links before the last component are followed. */
  lstat(path: string): SourceNode | undefined;
  /** The node that a path leads to with every link followed; undefined when there is none. */
  stat(path: string): SourceNode | undefined;
  /** Direct children in byte order of their names. */
  children(path: string): readonly SourceNode[];
  /** The pattern of an ignore file that leaves a path out, if that is why the tree has it not. */
  leftOutBy?(path: string): IgnoredBy | undefined;
  /** Throws when a build refuses to copy the node: a socket, a device of the host, an unreadable folder. */
  check(node: SourceNode): void;
  /** A file's bytes, at once when there are few; fails when they are not those of the node any more. */
  open(node: SourceNode, options?: OpenOptions): SourceContent;
  /** The digest of a file's content, from a cache where that is safe (R12). */
  digest(node: SourceNode, options?: DigestOptions): Promise<Digest>;
  /** Notes a digest that was found while the content was copied. */
  learn(node: SourceNode, digest: Digest): void;
}

export const NO_XATTRS: ReadonlyMap<string, Uint8Array> = new Map();
