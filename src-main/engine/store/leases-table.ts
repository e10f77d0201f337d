import { randomUUID } from 'node:crypto';
import type { Digest } from '../../contract/oci-types.ts';
import { inTransaction, mappingDatabaseErrors, type Database } from './metadata.ts';
import { livenessOf, ownProcessIdentity } from './process-identity.ts';
import type { Lease } from './store.ts';

/** Frozen: every version of Varve must be able to read it, so that none opens a store that is being upgraded. */
export const LEASES_SCHEMA = `
  CREATE TABLE IF NOT EXISTS sessions (
    id TEXT PRIMARY KEY,
    process TEXT NOT NULL,
    expires_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS leases (
    id TEXT PRIMARY KEY,
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE,
    what TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS lease_blobs (
    lease TEXT NOT NULL REFERENCES leases (id) ON DELETE CASCADE,
    digest TEXT NOT NULL,
    PRIMARY KEY (lease, digest)
  ) STRICT, WITHOUT ROWID;
`;

/** How long a session that cannot be seen from here (another PID namespace, not Linux) counts without renewal. */
const EXPIRY_MS = 10 * 60_000;
const RENEWAL_MS = 60_000;

/**
 * Who has the store open, and what they need that nothing points at yet (R4). A session ends with its process at the
 * latest: on Linux by what /proc says, elsewhere by its expiry.
 */
export class LeasesTable {
  readonly #database: Database;
  readonly #now: () => number;
  readonly #open = new Map<string, LeaseRow>();
  /** Names this opening of the store. */
  readonly session = randomUUID();
  #renewal: NodeJS.Timeout | undefined;

  constructor(database: Database, now: () => number) {
    this.#database = database;
    this.#now = now;
  }

  /** Runs `first` and joins the sessions, all while no one else can join. */
  join(first: () => void): void {
    inTransaction(this.#database, 'open the store', () => {
      first();
      this.#database
        .prepare('INSERT INTO sessions VALUES (?, ?, ?)')
        .run(this.session, ownProcessIdentity(), this.#now() + EXPIRY_MS);
    });
    this.#renewal = setInterval(() => this.#renew(), RENEWAL_MS);
    this.#renewal.unref();
  }

  #renew(): void {
    if (!this.#database.open) return;
    this.#database
      .prepare('UPDATE sessions SET expires_at = ? WHERE id = ?')
      .run(this.#now() + EXPIRY_MS, this.session);
  }

  /** Ends the session with all its leases, and closes the database. */
  leave(): void {
    clearInterval(this.#renewal);
    this.#open.clear();
    this.#database.prepare('DELETE FROM sessions WHERE id = ?').run(this.session);
    this.#database.close();
  }

  lease(what: string): Lease {
    const row = this.#create(what);
    this.#open.set(row.id, row);
    return new StoreLease(row, () => this.#open.delete(row.id));
  }

  #create(what: string): LeaseRow {
    const id = randomUUID();
    mappingDatabaseErrors('protect what is being worked on', () =>
      this.#database.prepare('INSERT INTO leases VALUES (?, ?, ?)').run(id, this.session, what),
    );
    return new LeaseRow(this.#database, id);
  }

  /**
   * Protects blobs on their way into the store, and by every lease that is open here: a build need not know the
   * digest of a layer before it is put.
   */
  async whilePutting<T>(digests: readonly Digest[], put: () => Promise<T>): Promise<T> {
    const token = this.#create('blobs being put');
    inTransaction(this.#database, 'protect what is being put', () => {
      token.add(digests);
      for (const lease of this.#open.values()) lease.add(digests);
    });
    try {
      return await put();
    } finally {
      token.remove();
    }
  }

  blobsOf({ id }: Lease): readonly Digest[] {
    return this.#database
      .prepare<[string], { digest: Digest }>('SELECT digest FROM lease_blobs WHERE lease = ?')
      .all(id)
      .map(({ digest }) => digest);
  }

  /** All that live sessions protect. */
  protectedBlobs(): readonly Digest[] {
    const dead = new Set(this.deadSessions());
    const rows = this.#database
      .prepare<[], { session: string; digest: Digest }>(
        'SELECT session, digest FROM lease_blobs JOIN leases ON leases.id = lease_blobs.lease',
      )
      .all();
    return rows.filter((row) => !dead.has(row.session)).map((row) => row.digest);
  }

  /** Sessions whose process ended without closing the store. */
  deadSessions(): readonly string[] {
    return this.#sessions()
      .filter((session) => !this.#isLive(session))
      .map((session) => session.id);
  }

  /** Whether that session's process still has the store open. */
  isLive(id: string): boolean {
    return this.#sessions().some((session) => session.id === id && this.#isLive(session));
  }

  /** True when no other live session has the store open. */
  isAlone(): boolean {
    return this.#sessions().every((session) => session.id === this.session || !this.#isLive(session));
  }

  forget(sessions: readonly string[]): void {
    const remove = this.#database.prepare('DELETE FROM sessions WHERE id = ?');
    inTransaction(this.#database, 'clear old leases', () => {
      for (const id of sessions) remove.run(id);
    });
  }

  /** Runs `change` while no one can add to a lease, and so nothing new can become protected. */
  whileFrozen<T>(change: () => T): T {
    return inTransaction(this.#database, 'lock the store', change);
  }

  #sessions(): readonly SessionRow[] {
    return this.#database.prepare<[], SessionRow>('SELECT * FROM sessions').all();
  }

  #isLive(session: SessionRow): boolean {
    const liveness = livenessOf(session.process);
    return liveness === 'alive' || (liveness === 'unknown' && session.expires_at > this.#now());
  }
}

interface SessionRow {
  readonly id: string;
  readonly process: string;
  readonly expires_at: number;
}

class LeaseRow {
  readonly id: string;
  readonly #database: Database;

  constructor(database: Database, id: string) {
    this.#database = database;
    this.id = id;
  }

  add(digests: readonly Digest[]): void {
    const insert = this.#database.prepare('INSERT OR IGNORE INTO lease_blobs VALUES (?, ?)');
    inTransaction(this.#database, 'protect what is being worked on', () => {
      for (const digest of digests) insert.run(this.id, digest);
    });
  }

  remove(): void {
    if (this.#database.open) this.#database.prepare('DELETE FROM leases WHERE id = ?').run(this.id);
  }
}

class StoreLease implements Lease {
  readonly #row: LeaseRow;
  readonly #onRelease: () => void;
  #isReleased = false;

  constructor(row: LeaseRow, onRelease: () => void) {
    this.#row = row;
    this.#onRelease = onRelease;
  }

  get id(): string {
    return this.#row.id;
  }

  add(digests: readonly Digest[]): void {
    if (!this.#isReleased) this.#row.add(digests);
  }

  release(): void {
    if (this.#isReleased) return;
    this.#isReleased = true;
    this.#onRelease();
    this.#row.remove();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.release();
    return Promise.resolve();
  }
}
