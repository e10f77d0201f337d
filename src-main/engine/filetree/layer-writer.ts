import type { Digest } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { Compression } from '../oci/media-types.ts';
import type { Store } from '../store/store.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { TarEntry } from '../tar/tar-entry.ts';
import type { Toc } from './toc.ts';

/** A layer that is in the store. */
export interface StoredLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
  readonly toc: Toc;
}

/** The bytes of a file. */
export type EntryContent = AsyncIterable<Uint8Array> | Uint8Array;

/**
 * Is given a place for a file's bytes, which it fills and answers, or answers other bytes: so that tens of thousands of
 * files need no buffers of their own. A file that is longer than the place is answered piece by piece, each of which
 * may lie in the place, for it is used before the next is asked for. Called once, at once.
 */
export type FillEntry = (into: Uint8Array) => EntryContent;

/**
 * Writes one layer in one pass: tar, diff ID, compression, digest, table of contents. The same entries give the
 * same bytes, whatever the number of cores and whatever was written before: where blocks end depends on the tar alone
 * (`tar/find-block-end.ts`), and a block that is taken over from an earlier layer is the one that compressing would give
 * (`layer-blocks.ts`). End it with `commit` or `abort` (which after either does nothing).
 */
export interface LayerWriter {
  /** Adds an entry; `content` must yield exactly `entry.sizeBytes` bytes (INVALID_INPUT otherwise: it changed while read). */
  add(entry: TarEntry, content?: EntryContent | FillEntry): Promise<void>;
  /** Number of entries and uncompressed bytes so far. */
  readonly progress: { readonly entries: number; readonly bytes: number };
  /** Puts the blob and its layer index. */
  commit(): Promise<StoredLayer>;
  abort(): Promise<void>;
}

export type OpenLayerWriter = (
  store: Store,
  options: LongOptions & {
    readonly compression: Compression;
    /**
     * Names what is made again and again, such as a step of a build: blocks that the last layer of this name had
     * already are not compressed anew. Has no influence on the bytes.
     */
    readonly place?: Digest | undefined;
  },
) => Promise<LayerWriter>;
