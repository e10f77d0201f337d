import type { Digest } from '../../contract/oci-types.ts';
import type { Compression } from '../oci/media-types.ts';
import type { TarEntry } from '../tar/tar-entry.ts';

/** An entry of a layer with where its bytes are. */
export interface TocEntry extends TarEntry {
  /** Offset of the content in the uncompressed layer. */
  readonly contentOffset: number;
  /** Digest of the file's content; absent for everything but files. */
  readonly contentDigest: Digest | undefined;
}

/** Where the compressed blocks of a layer start, so that a part can be inflated alone. */
export interface BlockMap {
  readonly compression: Compression;
  /** Offset of each block in the uncompressed layer, the first at 0. */
  readonly starts: readonly number[];
  /** Offset of each block in the blob. */
  readonly offsets: readonly number[];
}

/**
 * The layer index: a layer's table of contents, in archive order. Always rebuildable from the blob (R5).
 */
export interface Toc {
  readonly diffId: Digest;
  /** Uncompressed bytes of the whole layer. */
  readonly unpackedBytes: number;
  readonly entries: readonly TocEntry[];
  /** Absent for layers that others compressed: then a read inflates from the start. */
  readonly blocks: BlockMap | undefined;
  /**
   * Digest over what the layer means and not when it was made: every entry's path, type, mode, owner, link, device,
   * extended attributes and content, in path order, without times. Equal layers in this sense are interchangeable
   * for cache keys.
   */
  readonly contentDigest: Digest;
}
