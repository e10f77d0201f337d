import { cancelled } from '../../contract/errors.ts';
import type { LeasesTable } from './leases-table.ts';
import { inTransaction, type Database } from './metadata.ts';
import { formatMoment, isAfter, parseMoment, type MomentsTable } from './moments-table.ts';
import type { Claim, Claims, Moment } from './store.ts';

/** In leases.db; a claim goes with its session, which goes with its process. Its id is the moment when it was taken. */
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
  readonly #moments: MomentsTable;
  readonly #waiters = new Map<string, Set<() => void>>();

  constructor(database: Database, leases: LeasesTable, moments: MomentsTable) {
    this.#database = database;
    this.#leases = leases;
    this.#moments = moments;
  }

  async claim(key: string, options: Parameters<Claims['claim']>[1]): Promise<Claim> {
    for (;;) {
      const claim = await this.#claim(key, options, () => true);
      if (claim !== undefined) return claim;
    }
  }

  claimAfter(
    moment: Moment,
    key: string,
    options: Parameters<Claims['claim']>[1],
  ): Promise<Claim | undefined> {
    return this.#claim(key, options, (takenAt) => isAfter(takenAt, moment));
  }

  now(): Moment {
    return this.#moments.now();
  }

  /** Whether a live session has it. */
  isClaimed(key: string): boolean {
    return this.#holder(key) !== undefined;
  }

  /** Undefined when who has it is not worth waiting for. */
  async #claim(
    key: string,
    { signal, onWait }: Parameters<Claims['claim']>[1],
    isAwaited: (takenAt: Moment | undefined) => boolean,
  ): Promise<Claim | undefined> {
    for (let isTold = false; ;) {
      if (signal?.aborted === true) throw cancelled('waiting for another');
      const takenAt = this.#take(key);
      if (takenAt !== undefined) return { takenAt, [Symbol.dispose]: () => this.#release(key, takenAt) };
      const holder = this.#holder(key);
      if (holder === undefined) continue;
      if (!isAwaited(parseMoment(holder.id))) return undefined;
      if (!isTold) onWait?.();
      isTold = true;
      await this.#released(key, signal);
    }
  }

  /** The live one. */
  #holder(key: string): { readonly id: string } | undefined {
    const holder = this.#database
      .prepare<[string], { id: string; session: string }>('SELECT id, session FROM claims WHERE key = ?')
      .get(key);
    return holder !== undefined && this.#leases.isLive(holder.session) ? holder : undefined;
  }

  /** Undefined while a live session has it. */
  #take(key: string): Moment | undefined {
    return inTransaction(this.#database, 'claim a piece of work', () => {
      if (this.isClaimed(key)) return undefined;
      const takenAt = this.now();
      this.#database
        .prepare('INSERT OR REPLACE INTO claims VALUES (?, ?, ?)')
        .run(key, formatMoment(takenAt), this.#leases.session);
      return takenAt;
    });
  }

  /** The moment tells a claim from the one of whoever took over. */
  #release(key: string, takenAt: Moment): void {
    if (!this.#database.open) return;
    inTransaction(this.#database, 'end a claim', () =>
      this.#database.prepare('DELETE FROM claims WHERE key = ? AND id = ?').run(key, formatMoment(takenAt)),
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
