import { EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { BlobsTable } from './blobs-table.ts';
import type { Documents, Root } from './documents.ts';
import { inTransaction, mappingDatabaseErrors, type Database } from './metadata.ts';
import { requiredBlobs } from './reachable-blobs.ts';
import type { ImageRecord, Images } from './store.ts';

interface StoredRow {
  readonly digest: Digest;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly added_at: string;
}

export interface ImagesTableOptions {
  readonly database: Database;
  readonly blobs: BlobsTable;
  readonly documents: Documents;
  readonly now: () => number;
  /** Counts a change and tells who listens. */
  readonly changed: () => void;
}

export class ImagesTable implements Images {
  readonly #options: ImagesTableOptions;
  readonly #database: Database;

  constructor(options: ImagesTableOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  add(record: Omit<ImageRecord, 'addedAt'>): void {
    const { blobs, documents, now, changed } = this.#options;
    inTransaction(this.#database, 'record an image', () => {
      requireComplete(documents, blobs, record);
      const { changes } = this.#database
        .prepare('INSERT OR IGNORE INTO images VALUES (?, ?, ?, ?)')
        .run(record.digest, record.mediaType, record.sizeBytes, new Date(now()).toISOString());
      if (changes > 0) changed();
    });
  }

  list(): readonly ImageRecord[] {
    return mappingDatabaseErrors('list the images', () =>
      this.#database
        .prepare<[], StoredRow>('SELECT * FROM images ORDER BY added_at, digest')
        .all()
        .map(fromStored),
    );
  }

  get(digest: Digest): ImageRecord | undefined {
    const row = mappingDatabaseErrors('look up an image', () =>
      this.#database.prepare<[Digest], StoredRow>('SELECT * FROM images WHERE digest = ?').get(digest),
    );
    return row === undefined ? undefined : fromStored(row);
  }

  /** For prune alone. */
  delete(digests: readonly Digest[]): void {
    const remove = this.#database.prepare('DELETE FROM images WHERE digest = ?');
    inTransaction(this.#database, 'remove images', () => {
      for (const digest of digests) remove.run(digest);
      if (digests.length > 0) this.#options.changed();
    });
  }
}

function fromStored(row: StoredRow): ImageRecord {
  return {
    digest: row.digest,
    mediaType: row.media_type,
    sizeBytes: row.size_bytes,
    addedAt: row.added_at,
  };
}

/**
 * Refuses an image of which something is missing: within the caller's transaction no prune can take any of it
 * away. NOT_FOUND names the first missing blob.
 */
export function requireComplete(documents: Documents, blobs: BlobsTable, root: Root): void {
  const isPresent = (digest: Digest): boolean => blobs.get(digest)?.isBroken === false;
  for (const digest of requiredBlobs(documents, root, isPresent)) {
    if (isPresent(digest)) continue;
    const what =
      digest === root.digest ? `the image ${digest}` : `the blob ${digest} of the image ${root.digest}`;
    throw new EngineError('NOT_FOUND', `${what} is not in the store`, {
      hint: 'Pull, load or build the image again.',
    });
  }
}
