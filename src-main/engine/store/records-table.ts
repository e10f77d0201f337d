import type { Digest } from '../../contract/oci-types.ts';
import { errorCode, mapFsError } from './map-fs-error.ts';
import { inTransaction, mappingDatabaseErrors, type Database } from './metadata.ts';
import type { Records } from './store.ts';

export const RECORDS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS records (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    value BLOB NOT NULL,
    used_at INTEGER NOT NULL,
    PRIMARY KEY (kind, key)
  ) STRICT;
  CREATE TABLE IF NOT EXISTS record_blobs (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    digest TEXT NOT NULL,
    PRIMARY KEY (kind, key, digest),
    FOREIGN KEY (kind, key) REFERENCES records (kind, key) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS record_hits (
    kind TEXT NOT NULL,
    key TEXT NOT NULL,
    hits INTEGER NOT NULL,
    PRIMARY KEY (kind, key),
    FOREIGN KEY (kind, key) REFERENCES records (kind, key) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
`;

/** A record without its value, for prune. */
export interface RecordRow {
  readonly kind: string;
  readonly key: string;
  readonly usedAtMs: number;
  readonly blobs: readonly Digest[];
}

/** A record that keeps a blob; one that keeps several comes once for each. */
export interface RecordValue {
  readonly key: string;
  readonly value: Uint8Array;
  readonly usedAtMs: number;
  readonly hits: number;
  readonly digest: Digest;
}

/** Uses are written down in batches: reading a record should not wait for a disk. */
const MAX_PENDING_USES = 500;

export class RecordsTable implements Records {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #changed: () => void;
  #pendingUses: { readonly kind: string; readonly key: string; readonly usedAt: number }[] = [];
  #pendingHits: { readonly kind: string; readonly key: string }[] = [];
  #lastUse = 0;

  constructor(database: Database, now: () => number, changed: () => void) {
    this.#database = database;
    this.#now = now;
    this.#changed = changed;
  }

  get(kind: string, key: string): Uint8Array | undefined {
    const row = mappingDatabaseErrors('read a cache record', () =>
      this.#database
        .prepare<[string, string], { value: Buffer }>('SELECT value FROM records WHERE kind = ? AND key = ?')
        .get(kind, key),
    );
    if (row === undefined) return undefined;
    this.#pendingUses.push({ kind, key, usedAt: this.#nextUse() });
    if (this.#pendingUses.length >= MAX_PENDING_USES) this.writeUses();
    return row.value;
  }

  noteHit(kind: string, key: string): void {
    this.#pendingHits.push({ kind, key });
  }

  /** Microseconds, never twice the same in one process, so that the order of uses is kept. */
  #nextUse(): number {
    this.#lastUse = Math.max(this.#lastUse + 1, this.#now() * 1000);
    return this.#lastUse;
  }

  put(kind: string, key: string, value: Uint8Array, blobs: readonly Digest[] = []): void {
    inTransaction(this.#database, 'write a cache record', () => {
      this.#database.prepare('DELETE FROM records WHERE kind = ? AND key = ?').run(kind, key);
      this.#database
        .prepare('INSERT INTO records VALUES (?, ?, ?, ?)')
        .run(kind, key, asBuffer(value), this.#nextUse());
      const insert = this.#database.prepare('INSERT OR IGNORE INTO record_blobs VALUES (?, ?, ?)');
      for (const digest of blobs) insert.run(kind, key, digest);
    });
    this.#changed();
  }

  delete(kind: string, key: string): void {
    this.deleteAll([{ kind, key }]);
  }

  deleteAll(records: readonly { readonly kind: string; readonly key: string }[]): void {
    const remove = this.#database.prepare('DELETE FROM records WHERE kind = ? AND key = ?');
    inTransaction(this.#database, 'remove cache records', () => {
      for (const { kind, key } of records) remove.run(kind, key);
    });
    if (records.length > 0) this.#changed();
  }

  keys(kind: string, prefix = ''): readonly string[] {
    this.writeUses();
    return mappingDatabaseErrors('list cache records', () =>
      this.#database
        .prepare<[string, string, string], { key: string }>(
          'SELECT key FROM records WHERE kind = ? AND substr(key, 1, length(?)) = ? ORDER BY used_at, key',
        )
        .all(kind, prefix, prefix)
        .map((row) => row.key),
    );
  }

  /** Writes down when records were last read. */
  writeUses(): void {
    const uses = this.#pendingUses;
    const hits = this.#pendingHits;
    if (uses.length === 0 && hits.length === 0) return;
    this.#pendingUses = [];
    this.#pendingHits = [];
    const update = this.#database.prepare(
      'UPDATE records SET used_at = max(used_at, ?) WHERE kind = ? AND key = ?',
    );
    inTransaction(this.#database, 'write down uses of the cache', () => {
      for (const { kind, key, usedAt } of uses) update.run(usedAt, kind, key);
      this.#writeHits(hits);
    });
  }

  /** A record that went meanwhile has no hits. */
  #writeHits(hits: readonly { readonly kind: string; readonly key: string }[]): void {
    const count = this.#database.prepare(
      `INSERT INTO record_hits SELECT kind, key, 1 FROM records WHERE kind = ? AND key = ?
       ON CONFLICT DO UPDATE SET hits = hits + 1`,
    );
    for (const { kind, key } of hits) count.run(kind, key);
  }

  /** Records of a kind that keep blobs, the longest unused first. */
  values(kind: string): readonly RecordValue[] {
    this.writeUses();
    return mappingDatabaseErrors('list the cache', () =>
      this.#database
        .prepare<
          [string],
          { key: string; value: Buffer; used_at: number; hits: number | null; digest: Digest }
        >(
          `SELECT key, value, used_at, hits, digest FROM records JOIN record_blobs USING (kind, key)
           LEFT JOIN record_hits USING (kind, key) WHERE kind = ? ORDER BY used_at, key`,
        )
        .all(kind)
        .map(({ used_at, hits, ...row }) => ({ ...row, usedAtMs: used_at / 1000, hits: hits ?? 0 })),
    );
  }

  trim({ usedSinceMs, maxBytes }: { readonly usedSinceMs: number; readonly maxBytes: number }): number {
    this.writeUses();
    const free = 'NOT EXISTS (SELECT 1 FROM record_blobs AS b WHERE b.kind = r.kind AND b.key = r.key)';
    return inTransaction(this.#database, 'trim the cache', () => {
      const old = this.#database.prepare(`DELETE FROM records AS r WHERE used_at < ? AND ${free}`);
      const above = this.#database.prepare(
        `DELETE FROM records WHERE rowid IN (SELECT id FROM (
           SELECT r.rowid AS id, sum(length(value)) OVER (ORDER BY used_at DESC, r.rowid) AS total
           FROM records AS r WHERE ${free}) WHERE total > ?)`,
      );
      return old.run(usedSinceMs * 1000).changes + above.run(maxBytes).changes;
    });
  }

  /** Every record with the blobs that it keeps. */
  rows(): readonly RecordRow[] {
    this.writeUses();
    const rows = this.#database
      .prepare<[], { kind: string; key: string; used_at: number; digest: Digest | null }>(
        'SELECT kind, key, used_at, digest FROM records LEFT JOIN record_blobs USING (kind, key) ORDER BY kind, key',
      )
      .all();
    const found: { kind: string; key: string; usedAtMs: number; blobs: Digest[] }[] = [];
    for (const { kind, key, used_at, digest } of rows) {
      const last = found.at(-1);
      const isSame = last?.kind === kind && last.key === key;
      const record = isSame ? last : { kind, key, usedAtMs: used_at / 1000, blobs: [] };
      if (!isSame) found.push(record);
      if (digest !== null) record.blobs.push(digest);
    }
    return found;
  }

  /** Gives unused pages back to the disk; left to the next time while another process writes. */
  compact(): void {
    try {
      this.#database.exec('VACUUM');
    } catch (error) {
      if (!/^SQLITE_(?:BUSY|LOCKED|FULL)/.test(errorCode(error))) throw mapFsError(error, 'shrink the cache');
    }
  }
}

function asBuffer(bytes: Uint8Array): Buffer {
  return Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength);
}
