import { closeSync, existsSync, fsyncSync, openSync, readSync, renameSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { EngineError } from '../../contract/errors.ts';
import { nodeFileSystem } from './file-system.ts';
import { openDatabase, type Database } from './metadata.ts';
import { MIGRATIONS } from './migrations.ts';

/** `varv` in ASCII: what marks varve.db as ours. */
const APPLICATION_ID = 0x76617276;

/**
 * Brings varve.db to the present schema, making it if it is missing: the steps run on a copy, which then takes its
 * place in one rename, so that a kill at any point leaves the old one whole (R16). A newer or foreign database is
 * refused. The caller keeps other processes out; `isAlone` says whether none has the store open.
 */
export function migrate(path: string, isAlone: () => boolean, migrations = MIGRATIONS): void {
  const copy = `${path}.migrating`;
  removeDatabase(copy);
  const version = existsSync(path) ? versionOf(path, migrations.length) : 0;
  if (version === migrations.length) return;
  if (version > 0 && !isAlone()) {
    throw new EngineError('BUSY', 'the store must be upgraded, but another Varve has it open', {
      hint: 'Close every other window and build of Varve that uses this store, then try again.',
    });
  }
  if (version > 0) copyDatabase(path, copy);
  upgrade(copy, version, migrations);
  swap(copy, path);
}

/** The header of a SQLite file: its first bytes, and where the numbers are that a program may put there. */
const HEADER = { bytes: 100, magic: 'SQLite format 3\0', version: 60, application: 68 };

/**
 * Read without opening the database, which would take longer than all the rest of opening a store: both numbers are
 * only ever written before the file takes its place (SQLite, "Database File Format", 1.3).
 */
function versionOf(path: string, known: number): number {
  const header = readHeader(path);
  const isOurs = header.toString('latin1', 0, HEADER.magic.length) === HEADER.magic;
  if (!isOurs || header.readUInt32BE(HEADER.application) !== APPLICATION_ID)
    throw new EngineError('CORRUPT', "the store's varve.db is not a database of Varve's");
  const version = header.readUInt32BE(HEADER.version);
  if (version > known) throw tooNew(version, known);
  return version;
}

/** Zeros where the file is shorter. */
function readHeader(path: string): Buffer {
  const file = openSync(path, 'r');
  try {
    const header = Buffer.alloc(HEADER.bytes);
    readSync(file, header, 0, HEADER.bytes, 0);
    return header;
  } finally {
    closeSync(file);
  }
}

function tooNew(version: number, known: number): EngineError {
  return new EngineError(
    'UNSUPPORTED',
    `the store was written by a newer Varve (version ${version} of its schema; this one knows ${known})`,
    { hint: 'Update Varve, or name another store with VARVE_ROOT. Nothing has been changed.' },
  );
}

function copyDatabase(path: string, copy: string): void {
  const database = openDatabase(path, { synchronous: 'full' });
  try {
    database.prepare('VACUUM INTO ?').run(copy);
  } finally {
    database.close();
  }
}

function upgrade(copy: string, from: number, migrations: readonly string[]): void {
  const database = openDatabase(copy, { synchronous: 'full' });
  try {
    database.transaction(() => applySteps(database, migrations.slice(from)))();
    database.pragma(`application_id = ${APPLICATION_ID}`);
    database.pragma(`user_version = ${migrations.length}`);
    database.pragma('journal_mode = delete');
  } finally {
    database.close();
  }
}

function applySteps(database: Database, steps: readonly string[]): void {
  for (const step of steps) database.exec(step);
}

function swap(copy: string, path: string): void {
  const file = openSync(copy, 'r');
  fsyncSync(file);
  closeSync(file);
  for (const suffix of ['-wal', '-shm']) rmSync(`${path}${suffix}`, { force: true });
  renameSync(copy, path);
  nodeFileSystem.syncFolderSync(dirname(path));
}

function removeDatabase(path: string): void {
  for (const suffix of ['', '-wal', '-shm', '-journal']) rmSync(`${path}${suffix}`, { force: true });
}
