import type { DiskUsage, PruneResult, VerifyResult } from '../../contract/store-api.ts';
import type { TagEvent } from '../../contract/images-api.ts';
import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import type { Reference } from '../oci/reference.ts';
import type { BlobStore, LongOptions } from './blob-store.ts';

export type TagCause = TagEvent['cause'];

/** A tag now. `name` is complete (`docker.io/library/app:1`). */
export interface TagRow {
  readonly name: string;
  readonly digest: Digest;
  readonly taggedAt: string;
}

/** A manifest or image index that is in the store as an image of its own (built, loaded or pulled). */
export interface ImageRecord {
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  readonly addedAt: string;
}

/** Tags and their history. Every move is one transaction with its event. Names are complete references. */
export interface Tags {
  list(): readonly TagRow[];
  get(reference: Reference): TagRow | undefined;
  /** Points tags at images, all in one transaction; a tag that is already there gets no event. */
  move(moves: readonly { reference: Reference; digest: Digest }[], cause: TagCause): readonly TagEvent[];
  /** NOT_FOUND when there is no such tag. */
  remove(reference: Reference, cause: TagCause): TagEvent;
  /** See the contract's `images.undo`. */
  undo(reference: Reference, event?: number): TagEvent;
  /** Newest first. */
  history(reference?: Reference, limit?: number): readonly TagEvent[];
}

/** Images in the store, whether or not a tag names them. */
export interface Images {
  /** Records that this document (and so all it refers to) is an image. Its blobs must be in the store. Idempotent. */
  add(record: Omit<ImageRecord, 'addedAt'>): void;
  list(): readonly ImageRecord[];
  get(digest: Digest): ImageRecord | undefined;
}

/** A manifest that is kept with an image because it says something of it: a signature, an SBOM, an attestation. */
export interface ReferrerRecord {
  /** The manifest or image index that it refers to. */
  readonly subject: Digest;
  readonly digest: Digest;
  readonly mediaType: string;
  readonly sizeBytes: number;
  /** The tag that says what it refers to (cosign's `sha256-….sig`), where it does not say so itself. */
  readonly tag?: string;
}

/** What refers to the images in the store: each lives as long as its subject, and is no image of its own. */
export interface Referrers {
  of(subject: Digest): readonly ReferrerRecord[];
  /**
   * Keeps these with their subjects; what had one of their tags gives way. NOT_FOUND when something of one is not in
   * the store. Idempotent.
   */
  keep(records: readonly ReferrerRecord[]): void;
}

/** What pruning and checking the store itself answer. */
export type StorePruned = Omit<PruneResult, 'buildRecords'>;
export type StoreVerified = Omit<VerifyResult, 'brokenRecords'>;

/** Disk usage without what the sandbox keeps and without the records of builds. */
export type StoreUsage = Omit<DiskUsage, 'snapshotBytes' | 'recordBytes'>;

/** Protects blobs that nothing points at yet while an operation runs (R4); ends with the process at the latest. */
export interface Lease extends AsyncDisposable {
  readonly id: string;
  /** Adds blobs (present or still to come) to what the lease protects. */
  add(digests: readonly Digest[]): void;
  release(): void;
}

/** A point in the order of what all processes do in a store, of no use once none has it open; see `isAfter`. */
export interface Moment {
  readonly era: string;
  readonly tick: number;
}

/** A piece of work that one build does and others wait for. Disposing ends it; so does the end of the process. */
export interface Claim {
  readonly takenAt: Moment;
  [Symbol.dispose](): void;
}

/** Which keys are being worked on, in this process and in others. */
export interface Claims {
  /**
   * Waits until no one has the key, then takes it; whoever waited looks first whether the work is done now. `onWait`
   * is called once when it is not free at once. CANCELLED when the signal fires: then nothing was taken.
   */
  claim(key: string, options: LongOptions & { readonly onWait?: (() => void) | undefined }): Promise<Claim>;
  /** As `claim`, but waits only for those who took the key after that moment: undefined when another has it. */
  claimAfter(
    moment: Moment,
    key: string,
    options: Parameters<Claims['claim']>[1],
  ): Promise<Claim | undefined>;
  now(): Moment;
}

/**
 * Small disposable records by key (R5): cache records, stat caches, layer indexes. Losing them costs time only.
 * A record may name blobs that must stay while the record does.
 */
export interface Records {
  get(kind: string, key: string): Uint8Array | undefined;
  put(kind: string, key: string, value: Uint8Array, blobs?: readonly Digest[]): void;
  delete(kind: string, key: string): void;
  /** Deletes records that keep no blob: those not used since then, and the least used ones above so many bytes. */
  trim(limits: { readonly usedSinceMs: number; readonly maxBytes: number }): number;
  /** Counts that a record saved work; written down with the uses. */
  noteHit(kind: string, key: string): void;
  /** Keys that begin with `prefix`, oldest use first. */
  keys(kind: string, prefix?: string): readonly string[];
}

/** A blob that records of one kind keep, and what else needs it. */
export interface KeptBlob {
  readonly digest: Digest;
  /** 0 when it is not there any more. */
  readonly sizeBytes: number;
  readonly usedAtMs: number;
  readonly hits: number;
  readonly records: readonly { readonly key: string; readonly value: Uint8Array }[];
  /** Images in the store that need it: tags, or the digest of an image without one. */
  readonly images: readonly string[];
  /** Running work, the tags' recent history or records of another kind need it. */
  readonly isHeld: boolean;
}

/** Names the blobs whose records are to go. */
export type ChooseKept = (kept: readonly KeptBlob[]) => readonly Digest[];

/**
 * The local image store: one folder, open in any number of processes at once. Everything that is acknowledged is on
 * disk (R1, R6); opening recovers from any interruption (R7, R9); a newer store is refused (R16).
 */
export interface Store extends AsyncDisposable {
  readonly root: string;
  readonly blobs: BlobStore;
  readonly tags: Tags;
  readonly images: Images;
  readonly referrers: Referrers;
  readonly records: Records;
  readonly claims: Claims;
  lease(what: string): Lease;
  /** Releases the lease, and removes what came into the store under it as far as nothing else needs it (R4). */
  discard(lease: Lease): Promise<void>;
  /** Calls `listener` within a second when another process (or this one) changed tags, images or records. */
  onChange(listener: () => void): () => void;
  verify(
    options: LongOptions & {
      digests?: readonly Digest[] | undefined;
      onProgress?: ((progress: TransferProgress) => void) | undefined;
    },
  ): Promise<StoreVerified>;
  prune(
    options: LongOptions & {
      dryRun: boolean;
      cache: boolean;
      graceMs?: number | undefined;
      onProgress?: ((progress: TransferProgress) => void) | undefined;
    },
  ): Promise<StorePruned>;
  /** What records of that kind keep. Reads only. */
  keptBlobs(kind: string): readonly KeptBlob[];
  /**
   * Removes the records of the chosen blobs, and the blobs themselves where nothing else needs them (R4): choosing and
   * removing are one step under the store's lock.
   */
  removeKept(
    kind: string,
    choose: ChooseKept,
    options: LongOptions & { readonly dryRun: boolean },
  ): Promise<{ readonly records: number; readonly blobs: number; readonly freedBytes: number }>;
  /** Bytes of the store's own files; the parts add up to `totalBytes`. Reads every file's size, of no file's bytes. */
  diskUsage(): Promise<StoreUsage>;
  /** Host folder for RUN's unpacked layers (`snapshots/`); the sandbox owns what is in it. */
  readonly snapshotsFolder: string;
  /** Host folder for RUN's cache mounts (`cache-mounts/`); the sandbox owns what is in it. */
  readonly cacheMountsFolder: string;
  close(): Promise<void>;
}
