import type { Digest } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';

/** What a caller may ask of any long operation. */
export interface LongOptions {
  readonly signal?: AbortSignal | undefined;
}

/**
 * An incoming blob: unverified bytes in `ingest/`, visible to no one. Exactly one of `commit` and `abort` ends it;
 * `abort` after either does nothing, so `finally { await ingest.abort() }` is always right.
 */
export interface Ingest {
  /** Bytes accepted so far; a resumed ingest starts with what it had. */
  readonly sizeBytes: number;
  write(bytes: Uint8Array): Promise<void>;
  /**
   * Checks digest and size where given (CORRUPT if they differ, and the ingest is gone), syncs the file, renames it
   * into place, syncs the folder, and only then records it (R1). Putting a blob that is already there is no error.
   */
  commit(expected?: {
    readonly digest?: Digest;
    readonly sizeBytes?: number;
  }): Promise<{ digest: Digest; sizeBytes: number }>;
  abort(): Promise<void>;
}

/**
 * An incoming blob whose digest is known. Its bytes outlive an interruption, a kill and a restart of the machine: who
 * receives it next goes on from there. Besides commit and abort, `keep` ends it.
 */
export interface ReceivingBlob extends Ingest {
  /** Bytes that were there before this one began; they have been hashed again, and `sizeBytes` counts them. */
  readonly resumedBytes: number;
  /** Ends it for now. Does nothing after any end, so `finally { await blob.keep() }` is always right. */
  keep(): Promise<void>;
}

/** Immutable bytes by digest, as in an OCI image layout: `blobs/sha256/<hex>`. */
export interface BlobStore {
  /** Starts an incoming blob. NO_SPACE, READ_ONLY… reject here or in `write`; nothing stays behind after abort. */
  ingest(options?: LongOptions): Promise<Ingest>;
  /**
   * Starts or goes on with an incoming blob by its digest, which `commit` then proves; undefined when the blob is there.
   * Waits while someone else, here or in another process, receives the same: `onWait` is called once then. What nobody
   * goes on with is removed after some days, or by a prune.
   */
  receive(
    digest: Digest,
    options?: LongOptions & { readonly onWait?: (() => void) | undefined },
  ): Promise<ReceivingBlob | undefined>;
  /** Puts small bytes (a manifest, a config). Idempotent, atomic, synced. */
  put(bytes: Uint8Array): Promise<{ digest: Digest; sizeBytes: number }>;
  /**
   * Puts many small blobs as one: all are synced, then all are published with one sync of their folder and one
   * transaction (R11). Either all of them are visible in the end, or none that was not before.
   */
  putAll(blobs: readonly Uint8Array[]): Promise<readonly { digest: Digest; sizeBytes: number }[]>;
  /** True when the blob is there with the size that was recorded when it was verified (R3). */
  has(digest: Digest): Promise<boolean>;
  /** As `has`; a blob whose file was touched since it was verified is hashed again, and marked when it is damaged. */
  isWhole(digest: Digest, options?: LongOptions): Promise<boolean>;
  /** Size in bytes; NOT_FOUND when it is missing. */
  sizeOf(digest: Digest): Promise<number>;
  /**
   * The bytes, in order; `verify` (the default for a full read) makes the last step reject with CORRUPT when their
   * digest is another (R14). NOT_FOUND when it is missing.
   */
  open(
    digest: Digest,
    options?: LongOptions & { readonly offset?: number; readonly length?: number; readonly verify?: boolean },
  ): AsyncIterable<Uint8Array>;
  /** A whole small blob, verified; LIMIT_EXCEEDED above `limitBytes` (4 MiB unless told). */
  read(digest: Digest, options?: LongOptions & { readonly limitBytes?: number }): Promise<Uint8Array>;
  /** Reads a part without verifying, by position: for the layer index's random access. */
  readAt(digest: Digest, offset: number, length: number): Promise<Uint8Array>;
  /** Host path of a blob, for a process that must map it (sandbox worker). Never write to it. */
  pathOf(digest: Digest): string;
  list(): AsyncIterable<{ digest: Digest; sizeBytes: number }>;
}

/** Descriptor of what was put. */
export function descriptorOf(mediaType: string, put: { digest: Digest; sizeBytes: number }): Descriptor {
  return { mediaType, digest: put.digest, size: put.sizeBytes };
}
