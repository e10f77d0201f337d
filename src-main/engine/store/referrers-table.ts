import type { Digest } from '../../contract/oci-types.ts';
import type { Root } from './documents.ts';
import { inTransaction, mappingDatabaseErrors, type Database } from './metadata.ts';
import type { ReferrerRecord, Referrers } from './store.ts';

interface StoredRow {
  readonly subject: Digest;
  readonly digest: Digest;
  readonly media_type: string;
  readonly size_bytes: number;
  readonly tag: string | null;
}

export interface ReferrersTableOptions {
  readonly database: Database;
  /** Counts a change and tells who listens. */
  readonly changed: () => void;
  /** NOT_FOUND unless this document is in the store with all it needs. */
  readonly requireDocument: (root: Root) => void;
}

/** What is kept with images because it refers to them. */
export class ReferrersTable implements Referrers {
  readonly #options: ReferrersTableOptions;
  readonly #database: Database;

  constructor(options: ReferrersTableOptions) {
    this.#options = options;
    this.#database = options.database;
  }

  of(subject: Digest): readonly ReferrerRecord[] {
    return mappingDatabaseErrors('look up what refers to an image', () =>
      this.#database
        .prepare<[Digest], StoredRow>('SELECT * FROM referrers WHERE subject = ? ORDER BY digest')
        .all(subject)
        .map(fromStored),
    );
  }

  keep(records: readonly ReferrerRecord[]): void {
    const { requireDocument, changed } = this.#options;
    inTransaction(this.#database, 'keep what refers to an image', () => {
      for (const record of records) {
        requireDocument(record);
        this.#put(record);
      }
      if (records.length > 0) changed();
    });
  }

  #put({ subject, digest, mediaType, sizeBytes, tag }: ReferrerRecord): void {
    this.#database
      .prepare('DELETE FROM referrers WHERE subject = ? AND tag = ? AND digest <> ?')
      .run(subject, tag ?? null, digest);
    this.#database
      .prepare('INSERT OR REPLACE INTO referrers VALUES (?, ?, ?, ?, ?)')
      .run(subject, digest, mediaType, sizeBytes, tag ?? null);
  }

  /** For prune alone: forgets what is gone, and what referred to it. */
  forget(blobs: readonly Digest[]): void {
    const remove = this.#database.prepare('DELETE FROM referrers WHERE subject = ? OR digest = ?');
    inTransaction(this.#database, 'forget what refers to removed images', () => {
      for (const digest of blobs) remove.run(digest, digest);
    });
  }
}

function fromStored({ subject, digest, media_type, size_bytes, tag }: StoredRow): ReferrerRecord {
  const record = { subject, digest, mediaType: media_type, sizeBytes: size_bytes };
  return tag === null ? record : { ...record, tag };
}
