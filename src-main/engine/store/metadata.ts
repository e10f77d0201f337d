import { renameSync, rmSync } from 'node:fs';
import BetterSqlite3 from 'better-sqlite3';
import { errorCode, mapFsError } from './map-fs-error.ts';

/** A SQLite database of the store. Only this file knows which library it comes from. */
export type Database = BetterSqlite3.Database;

/** How long a statement waits for another process before BUSY. */
const BUSY_TIMEOUT_MS = 15_000;

export interface DatabaseOptions {
  /**
   * `full`: an acknowledged transaction survives a power cut (R6). `normal`: it survives the process, and a power
   * cut leaves an older but consistent state.
   */
  readonly synchronous: 'full' | 'normal';
}

/** Opens a database for several processes at once: waiting first, then WAL. Close it. */
export function openDatabase(path: string, { synchronous }: DatabaseOptions): Database {
  const database = new BetterSqlite3(path, { timeout: BUSY_TIMEOUT_MS });
  try {
    database.pragma(`busy_timeout = ${BUSY_TIMEOUT_MS}`);
    enterWal(database);
    database.pragma(`synchronous = ${synchronous}`);
    database.pragma('foreign_keys = on');
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

/** SQLite does not wait on its own when two processes turn to WAL at the same moment. */
function enterWal(database: Database): void {
  const deadline = Date.now() + BUSY_TIMEOUT_MS;
  for (;;) {
    try {
      database.pragma('journal_mode = wal');
      return;
    } catch (error) {
      if (!errorCode(error).startsWith('SQLITE_BUSY') || Date.now() > deadline) throw error;
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 20);
    }
  }
}

/**
 * Opens a database that may be lost at any time (R5): one that is damaged is put aside and begun again. `schema`
 * must be repeatable.
 */
export function openDisposableDatabase(path: string, schema: string, onLost: () => void): Database {
  try {
    return openWithSchema(path, schema);
  } catch (error) {
    if (!/^SQLITE_(?:CORRUPT|NOTADB|ERROR)/.test(errorCode(error))) throw error;
    onLost();
    putAside(path);
    return openWithSchema(path, schema);
  }
}

function openWithSchema(path: string, schema: string): Database {
  const database = openDatabase(path, { synchronous: 'normal' });
  try {
    database.transaction(() => database.exec(schema)).immediate();
    return database;
  } catch (error) {
    database.close();
    throw error;
  }
}

function putAside(path: string): void {
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  renameSync(path, `${path}.damaged`);
}

/**
 * Runs `change` as one transaction that no other process can come between, and maps what SQLite throws. Inside
 * another transaction it is part of that.
 */
export function inTransaction<T>(database: Database, what: string, change: () => T): T {
  try {
    return database.inTransaction ? change() : database.transaction(change).immediate();
  } catch (error) {
    throw mapFsError(error, what);
  }
}

/** Runs reads that must agree with each other. */
export function inSnapshot<T>(database: Database, what: string, read: () => T): T {
  try {
    return database.inTransaction ? read() : database.transaction(read).deferred();
  } catch (error) {
    throw mapFsError(error, what);
  }
}

/** Runs a database statement and maps what SQLite throws. */
export function mappingDatabaseErrors<T>(what: string, operation: () => T): T {
  try {
    return operation();
  } catch (error) {
    throw mapFsError(error, what);
  }
}

/** Changes when another connection has changed this database. */
export function dataVersion(database: Database): number {
  return database.pragma('data_version', { simple: true }) as number;
}
