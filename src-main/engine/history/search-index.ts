import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { inTransaction, openDisposableDatabase, type Database } from '../store/metadata.ts';
import type { Log } from '../log.ts';

/** Grams made in another way, or of other texts, need another name: those of an earlier Varve do not count then. */
const SCHEMA = `
  CREATE TABLE IF NOT EXISTS grams_v1 (
    build TEXT PRIMARY KEY,
    size_bytes INTEGER NOT NULL,
    bits BLOB NOT NULL
  ) STRICT;
`;

/**
 * The grams of each record that has been searched, beside the records. It may be lost at any time (R5), is made again
 * by the searches that miss it, and without it, on a full disk for example, a search reads every record.
 */
export class SearchIndex {
  readonly #path: string;
  readonly #log: Log;
  #database: Database | undefined;
  #isUsable = true;

  constructor(path: string, log: Log) {
    this.#path = path;
    this.#log = log;
  }

  /** The grams of a record, as long as it has this size. */
  get(build: string, sizeBytes: number): Uint8Array | undefined {
    return this.#try((database) =>
      database
        .prepare<[string, number], Buffer>('SELECT bits FROM grams_v1 WHERE build = ? AND size_bytes = ?')
        .pluck()
        .get(build, sizeBytes),
    );
  }

  put(build: string, sizeBytes: number, bits: Uint8Array): void {
    this.#try((database) =>
      database.prepare('INSERT OR REPLACE INTO grams_v1 VALUES (?, ?, ?)').run(build, sizeBytes, bits),
    );
  }

  /** Lets go of every record but these. */
  keepOnly(builds: readonly string[]): void {
    const kept = new Set(builds);
    this.#try((database) => {
      const known = database.prepare<[], string>('SELECT build FROM grams_v1').pluck().all();
      const gone = known.filter((build) => !kept.has(build));
      const remove = database.prepare('DELETE FROM grams_v1 WHERE build = ?');
      if (gone.length > 0)
        inTransaction(database, 'tidy up the search', () => gone.map((build) => remove.run(build)));
    });
  }

  close(): void {
    this.#database?.close();
    this.#database = undefined;
  }

  /** What goes wrong costs the index, never the search. */
  #try<T>(use: (database: Database) => T): T | undefined {
    if (!this.#isUsable) return undefined;
    try {
      this.#database ??= this.#open();
      return use(this.#database);
    } catch (error) {
      this.#isUsable = false;
      this.#log.warn({ err: error }, 'builds are searched without an index');
      return undefined;
    }
  }

  #open(): Database {
    mkdirSync(dirname(this.#path), { recursive: true });
    const lost = (): void => this.#log.warn({}, 'the index of the builds was damaged and is made anew');
    return openDisposableDatabase(this.#path, SCHEMA, lost);
  }
}
