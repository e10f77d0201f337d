import type { Digest } from '../../contract/oci-types.ts';
import { inTransaction, mappingDatabaseErrors, type Database } from './metadata.ts';

/** What is known of a blob since it was last verified (R3). */
export interface BlobRow {
  readonly digest: Digest;
  readonly sizeBytes: number;
  readonly mtimeMs: number;
  readonly verifiedAt: string;
  readonly isBroken: boolean;
}

interface StoredRow {
  readonly digest: Digest;
  readonly size_bytes: number;
  readonly mtime_ms: number;
  readonly verified_at: string;
  readonly is_broken: number;
}

/** The rows that make blobs visible. A row is written only after its file is on disk (R1). */
export class BlobsTable {
  readonly #database: Database;

  constructor(database: Database) {
    this.#database = database;
  }

  get(digest: Digest): BlobRow | undefined {
    const row = mappingDatabaseErrors('look up a blob', () =>
      this.#database.prepare<[Digest], StoredRow>('SELECT * FROM blobs WHERE digest = ?').get(digest),
    );
    return row === undefined ? undefined : fromStored(row);
  }

  list(): readonly BlobRow[] {
    return mappingDatabaseErrors('list the blobs', () =>
      this.#database.prepare<[], StoredRow>('SELECT * FROM blobs ORDER BY digest').all().map(fromStored),
    );
  }

  /** Records blobs as verified; replaces what was known of them. */
  put(rows: readonly Omit<BlobRow, 'isBroken'>[]): void {
    const insert = this.#database.prepare(
      'INSERT OR REPLACE INTO blobs (digest, size_bytes, mtime_ms, verified_at, is_broken) VALUES (?, ?, ?, ?, 0)',
    );
    inTransaction(this.#database, 'record a blob', () => {
      for (const row of rows) insert.run(row.digest, row.sizeBytes, row.mtimeMs, row.verifiedAt);
    });
  }

  /** From now on the blob counts as missing, so that whoever needs it gets it anew. */
  markBroken(digests: readonly Digest[]): void {
    const update = this.#database.prepare('UPDATE blobs SET is_broken = 1 WHERE digest = ?');
    inTransaction(this.#database, 'record damaged blobs', () => {
      for (const digest of digests) update.run(digest);
    });
  }

  delete(digests: readonly Digest[]): void {
    const remove = this.#database.prepare('DELETE FROM blobs WHERE digest = ?');
    inTransaction(this.#database, 'remove blobs', () => {
      for (const digest of digests) remove.run(digest);
    });
  }
}

function fromStored(row: StoredRow): BlobRow {
  return {
    digest: row.digest,
    sizeBytes: row.size_bytes,
    mtimeMs: row.mtime_ms,
    verifiedAt: row.verified_at,
    isBroken: row.is_broken !== 0,
  };
}
