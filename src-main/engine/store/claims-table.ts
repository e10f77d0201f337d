import { randomUUID } from 'node:crypto';
import { cancelled } from '../../contract/errors.ts';
import type { LeasesTable } from './leases-table.ts';
import { inTransaction, type Database } from './metadata.ts';
import type { Claim, Claims } from './store.ts';

/** In leases.db; a claim goes with its session, which goes with its process. */
export const CLAIMS_SCHEMA = `
  CREATE TABLE IF NOT EXISTS claims (
    key TEXT PRIMARY KEY,
    id TEXT NOT NULL,
    session TEXT NOT NULL REFERENCES sessions (id) ON DELETE CASCADE
  ) STRICT, WITHOUT ROWID;
`;

/** How often a claim of another process is looked at again. One of this process tells when it ends. */
const POLL_MS = 60;

/** See `Claims`. A waiter holds no row, so nothing of it can be left behind. */
export class ClaimsTable implements Claims {
  readonly #database: Database;
  readonly #leases: LeasesTable;
  readonly #waiters = new Map<string, Set<() => void>>();

  constructor(database: Database, leases: LeasesTable) {
    this.#database = database;
    this.#leases = leases;
  }

  async claim(key: string, options: Parameters<Claims['claim']>[1]): Promise<Claim> {
    const { signal } = options;
    for (let isFirst = true; ; isFirst = false) {
      if (signal?.aborted === true) throw cancelled('waiting for another');
      const id = this.#take(key);
      if (id !== undefined) return { [Symbol.dispose]: () => this.#release(key, id) };
      if (isFirst) options.onWait?.();
      await this.#released(key, signal);
    }
  }

  /** Whether a live session has it. */
  isClaimed(key: string): boolean {
    const session = this.#holder(key);
    return session !== undefined && this.#leases.isLive(session);
  }

  #holder(key: string): string | undefined {
    return this.#database
      .prepare<[string], { session: string }>('SELECT session FROM claims WHERE key = ?')
      .get(key)?.session;
  }

  /** Undefined while a live session has it. */
  #take(key: string): string | undefined {
    return inTransaction(this.#database, 'claim a piece of work', () => {
      if (this.isClaimed(key)) return undefined;
      const id = randomUUID();
      this.#database
        .prepare('INSERT OR REPLACE INTO claims VALUES (?, ?, ?)')
        .run(key, id, this.#leases.session);
      return id;
    });
  }

  /** The id tells a claim from the one of whoever took over. */
  #release(key: string, id: string): void {
    if (!this.#database.open) return;
    inTransaction(this.#database, 'end a claim', () =>
      this.#database.prepare('DELETE FROM claims WHERE key = ? AND id = ?').run(key, id),
    );
    for (const wake of this.#waiters.get(key) ?? []) wake();
  }

  /** Resolves when it is worth trying again: the claim ended here, a moment has passed, or the signal fired. */
  #released(key: string, signal: AbortSignal | undefined): Promise<void> {
    const waiters = this.#waiters.get(key) ?? new Set();
    this.#waiters.set(key, waiters);
    return new Promise((resolve) => {
      const wake = (): void => {
        clearTimeout(timer);
        signal?.removeEventListener('abort', wake);
        waiters.delete(wake);
        if (waiters.size === 0) this.#waiters.delete(key);
        resolve();
      };
      const timer = setTimeout(wake, POLL_MS);
      signal?.addEventListener('abort', wake, { once: true });
      waiters.add(wake);
    });
  }
}
