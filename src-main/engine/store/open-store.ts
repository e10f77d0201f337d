import { statfs } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { EngineError } from '../../contract/errors.ts';
import { BlobFiles } from './blob-files.ts';
import { BlobsTable } from './blobs-table.ts';
import { ChangeWatch } from './change-watch.ts';
import { CLAIMS_SCHEMA, ClaimsTable } from './claims-table.ts';
import { diskUsage } from './disk-usage.ts';
import { Documents } from './documents.ts';
import { nodeFileSystem, type FileSystem } from './file-system.ts';
import { ImagesTable, requireComplete } from './images-table.ts';
import { discardLease, keptBlobs, removeKept } from './kept-blobs.ts';
import { createLayout, type Layout } from './layout.ts';
import { LEASES_SCHEMA, LeasesTable } from './leases-table.ts';
import { mapFsError } from './map-fs-error.ts';
import { openDatabase, openDisposableDatabase, type Database } from './metadata.ts';
import { migrate } from './migrate.ts';
import { MOMENTS_SCHEMA, MomentsTable } from './moments-table.ts';
import { prune } from './prune.ts';
import { RECORDS_SCHEMA, RecordsTable } from './records-table.ts';
import { recover } from './recover.ts';
import { ReferrersTable } from './referrers-table.ts';
import { rootOf, type StoreParts } from './store-parts.ts';
import type { Store } from './store.ts';
import { TagsTable } from './tags-table.ts';
import { verify } from './verify.ts';

/** Where the store tells what it found; pino's loggers fit. */
export interface StoreLog {
  info(fields: object, message: string): void;
  warn(fields: object, message: string): void;
}

export interface OpenStoreOptions {
  readonly root: string;
  readonly log?: StoreLog | undefined;
  /** Milliseconds since 1970. */
  readonly clock?: (() => number) | undefined;
  /** The disk; tests put faults into it. */
  readonly fileSystem?: FileSystem | undefined;
}

/**
 * Opens the store in this folder, making it if it is missing, and recovers from whatever interrupted it last. Any
 * number of processes may have it open. UNSUPPORTED when a newer Varve has written it or it lies on a network file
 * system; NO_SPACE, PERMISSION… when the disk says so. Close it.
 */
export async function openStore(options: OpenStoreOptions): Promise<Store> {
  const layout = createLayout(resolve(options.root));
  const files = options.fileSystem ?? nodeFileSystem;
  try {
    await makeFolders(layout, files);
    await refuseNetworkFileSystem(layout.root);
    return await openParts(layout, files, options);
  } catch (error) {
    throw mapFsError(error, 'open the store');
  }
}

async function makeFolders(layout: Layout, files: FileSystem): Promise<void> {
  const sha256 = join(layout.blobs, 'sha256');
  const sha512 = join(layout.blobs, 'sha512');
  const known = await files.stat(sha512);
  await files.mkdir(layout.root);
  await Promise.all(
    [layout.ingest, layout.trash, layout.snapshots, sha256, sha512].map((folder) => files.mkdir(folder)),
  );
  if (known !== undefined) return;
  for (const folder of [layout.blobs, layout.root]) await files.syncFolder(folder);
}

/** NFS, SMB and CIFS: SQLite's locks do not hold there (R6). */
const NETWORK_FILE_SYSTEMS: ReadonlySet<number> = new Set([0x6969, 0x517b, 0xfe534d42, 0xff534d42]);

async function refuseNetworkFileSystem(root: string): Promise<void> {
  if (process.platform !== 'linux' || !NETWORK_FILE_SYSTEMS.has((await statfs(root)).type)) return;
  throw new EngineError('UNSUPPORTED', 'the store cannot be on a network file system', {
    hint: 'Name a folder on a local disk with VARVE_ROOT.',
  });
}

async function openParts(layout: Layout, files: FileSystem, options: OpenStoreOptions): Promise<Store> {
  const now = options.clock ?? Date.now;
  const lost = (what: string) => () =>
    options.log?.warn({ what }, 'a disposable database was damaged and begun anew');
  const databases: Database[] = [];
  const keep = (database: Database): Database => {
    databases.push(database);
    return database;
  };
  try {
    const schema = `${LEASES_SCHEMA}${CLAIMS_SCHEMA}${MOMENTS_SCHEMA}`;
    const sessions = keep(openDisposableDatabase(layout.leases, schema, lost('leases')));
    const leases = new LeasesTable(sessions, now);
    const moments = new MomentsTable(sessions);
    leases.join(() => {
      migrate(layout.database, () => leases.isAlone());
      if (leases.isAlone()) moments.beginEra();
    });
    const main = keep(openDatabase(layout.database, { synchronous: 'full' }));
    const cache = keep(openDisposableDatabase(layout.cache, RECORDS_SCHEMA, lost('cache')));
    const store = new LocalStore({
      layout,
      files,
      main,
      cache,
      leases,
      claims: new ClaimsTable(sessions, leases, moments),
      now,
    });
    const recovery = await recover(store.parts);
    if (recovery.deadSessions > 0) options.log?.info(recovery, 'recovered after an unclean exit');
    return store;
  } catch (error) {
    for (const database of databases) database.close();
    throw error;
  }
}

interface LocalStoreOptions {
  readonly layout: Layout;
  readonly files: FileSystem;
  readonly main: Database;
  readonly cache: Database;
  readonly leases: LeasesTable;
  readonly claims: ClaimsTable;
  readonly now: () => number;
}

class LocalStore implements Store {
  readonly parts: StoreParts;
  readonly claims: ClaimsTable;
  readonly #cache: Database;
  readonly #leases: LeasesTable;
  readonly #watch: ChangeWatch;
  #isClosed = false;

  constructor({ layout, files, main, cache, leases, claims, now }: LocalStoreOptions) {
    this.claims = claims;
    this.#cache = cache;
    this.#leases = leases;
    this.#watch = new ChangeWatch(main, cache);
    const changed = (): void => this.#watch.countChange();
    const blobsTable = new BlobsTable(main);
    const documents = new Documents(layout, files);
    const images = new ImagesTable({ database: main, blobs: blobsTable, documents, now, changed });
    const referrers = new ReferrersTable({
      database: main,
      changed,
      requireDocument: (root) => requireComplete(documents, blobsTable, root),
    });
    const tags = new TagsTable({
      database: main,
      now,
      changed,
      requireImage: (digest) => requireComplete(documents, blobsTable, rootOf(images, digest)),
    });
    const records = new RecordsTable(cache, now, () => this.#watch.notify());
    const blobs = new BlobFiles({ layout, files, table: blobsTable, leases, claims, now });
    this.parts = {
      layout,
      files,
      main,
      blobs,
      blobsTable,
      documents,
      images,
      referrers,
      tags,
      records,
      leases,
      claims,
      now,
      changed,
    };
  }

  get root(): string {
    return this.parts.layout.root;
  }

  get blobs(): Store['blobs'] {
    return this.parts.blobs;
  }

  get tags(): Store['tags'] {
    return this.parts.tags;
  }

  get images(): Store['images'] {
    return this.parts.images;
  }

  get referrers(): Store['referrers'] {
    return this.parts.referrers;
  }

  get records(): Store['records'] {
    return this.parts.records;
  }

  get cacheMountsFolder(): string {
    return this.parts.layout.cacheMounts;
  }

  get snapshotsFolder(): string {
    return this.parts.layout.snapshots;
  }

  lease(what: string): ReturnType<Store['lease']> {
    return this.parts.leases.lease(what);
  }

  discard(lease: Parameters<Store['discard']>[0]): ReturnType<Store['discard']> {
    return discardLease(this.parts, lease);
  }

  onChange(listener: () => void): () => void {
    return this.#watch.on(listener);
  }

  verify(options: Parameters<Store['verify']>[0]): ReturnType<Store['verify']> {
    return verify(this.parts, options);
  }

  prune(options: Parameters<Store['prune']>[0]): ReturnType<Store['prune']> {
    return prune(this.parts, options);
  }

  keptBlobs(kind: string): ReturnType<Store['keptBlobs']> {
    return keptBlobs(this.parts, kind);
  }

  removeKept(...[kind, choose, options]: Parameters<Store['removeKept']>): ReturnType<Store['removeKept']> {
    return removeKept(this.parts, kind, choose, options);
  }

  diskUsage(): ReturnType<Store['diskUsage']> {
    return diskUsage(this.parts);
  }

  async close(): Promise<void> {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#watch.stop();
    await this.parts.blobs.close();
    this.parts.records.writeUses();
    this.#cache.close();
    this.parts.main.close();
    this.#leases.leave();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }
}
