import { chmodSync, existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { getuid } from 'node:process';
import BetterSqlite3 from 'better-sqlite3';
import { describe, expect, test } from 'vitest';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { migrate } from '../../../src-main/engine/store/migrate.ts';
import { MIGRATIONS } from '../../../src-main/engine/store/migrations.ts';
import { openStore } from '../../../src-main/engine/store/open-store.ts';
import { putTagged, temporaryFolder, temporaryStore } from './store-fixture.ts';

/** A store with one tag, closed. */
async function closedStore(): Promise<{ root: string; database: string }> {
  const store = await temporaryStore();
  await putTagged(store, 'app:1', 'a');
  await store.close();
  return { root: store.root, database: join(store.root, 'varve.db') };
}

function change(database: string, sql: string): void {
  const opened = new BetterSqlite3(database);
  opened.exec(sql);
  opened.close();
}

test('a store is made where there was none, and keeps what it was given', async () => {
  const { root } = await closedStore();
  expect(readdirSync(root).sort()).toEqual([
    'blobs',
    'cache.db',
    'ingest',
    'leases.db',
    'snapshots',
    'trash',
    'varve.db',
  ]);
  const again = await temporaryStore({ root });
  expect(again.tags.list().map((tag) => tag.name)).toEqual(['docker.io/library/app:1']);
  expect((await again.verify({})).broken).toEqual([]);
});

test('closing twice does nothing', async () => {
  const store = await temporaryStore();
  await store.close();
  await store.close();
});

describe('the schema', () => {
  test('of a newer Varve is refused, and nothing is changed', async () => {
    const { root, database } = await closedStore();
    change(database, 'PRAGMA user_version = 99');
    const before = readFileSync(database);
    await expect(openStore({ root })).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: expect.stringContaining('version 99') as string,
    });
    expect(readFileSync(database)).toEqual(before);
  });

  test('of another program is refused', async () => {
    const { root, database } = await closedStore();
    change(database, 'PRAGMA application_id = 7');
    await expect(openStore({ root })).rejects.toMatchObject({ code: 'CORRUPT' });
  });

  test('is brought forward on a copy that then takes its place', async () => {
    const { database } = await closedStore();
    migrate(database, () => true, [...MIGRATIONS, 'CREATE TABLE later (a); INSERT INTO later VALUES (1)']);
    const opened = new BetterSqlite3(database);
    expect(opened.pragma('user_version', { simple: true })).toBe(MIGRATIONS.length + 1);
    expect(opened.prepare('SELECT count(*) AS n FROM later').get()).toEqual({ n: 1 });
    expect(opened.prepare('SELECT count(*) AS n FROM tags').get()).toEqual({ n: 1 });
    opened.close();
    expect(existsSync(`${database}.migrating`)).toBe(false);
  });

  test('stays as it was when a step fails, and what is left over does not disturb', async () => {
    const { root, database } = await closedStore();
    expect(() => migrate(database, () => true, [...MIGRATIONS, 'CREATE TABLE tags (a)'])).toThrow();
    expect(existsSync(`${database}.migrating`)).toBe(true);
    const store = await temporaryStore({ root });
    expect(store.tags.list()).toHaveLength(1);
    expect(existsSync(`${database}.migrating`)).toBe(false);
  });

  test('is not brought forward under another open Varve', async () => {
    const { database } = await closedStore();
    expect(() => migrate(database, () => false, [...MIGRATIONS, 'CREATE TABLE later (a)'])).toThrow(
      expect.objectContaining({ code: 'BUSY' }),
    );
  });
});

describe('what may be lost', () => {
  test.each(['cache.db', 'leases.db'])(
    'a damaged %s is begun anew, and no image goes with it',
    async (name) => {
      const { root } = await closedStore();
      writeFileSync(join(root, name), 'this is no database, and long enough to be seen as none '.repeat(100));
      const warnings: object[] = [];
      const log = { info: () => undefined, warn: (fields: object) => void warnings.push(fields) };
      const store = await temporaryStore({ root, log });
      store.records.put('kind', 'key', Buffer.from('value'));
      expect(store.records.get('kind', 'key')).toEqual(Buffer.from('value'));
      expect(store.tags.list()).toHaveLength(1);
      expect((await store.verify({})).broken).toEqual([]);
      expect(warnings).toHaveLength(1);
    },
  );

  test('a damaged varve.db is not: it is reported', async () => {
    const { root, database } = await closedStore();
    writeFileSync(database, 'this is no database, and long enough to be seen as none '.repeat(100));
    await expect(openStore({ root })).rejects.toMatchObject({ code: 'CORRUPT' });
  });
});

test.skipIf(getuid?.() === 0)('a folder that may not be written is a clear error', async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o500);
  await expect(openStore({ root: join(folder, 'store') })).rejects.toMatchObject({ code: 'PERMISSION' });
});

test('a file in the place of the store is a clear error', async () => {
  const root = join(temporaryFolder(), 'store');
  writeFileSync(root, '');
  await expect(openStore({ root })).rejects.toMatchObject({ code: 'CONFLICT' });
});

test('leftovers of a dead process go when the store is opened, those of a live one stay', async () => {
  const { root } = await closedStore();
  writeFileSync(join(root, 'ingest/1-0-0-gone.ab'), 'x');
  mkdirSync(join(root, 'trash/1-0-0-gone.cd'));
  writeFileSync(join(root, 'trash/1-0-0-gone.cd/file'), 'x');
  const first = await temporaryStore({ root });
  const ingest = await first.blobs.ingest();
  await ingest.write(Buffer.from('hello'));
  await temporaryStore({ root });
  expect(readdirSync(join(root, 'ingest'))).toHaveLength(1);
  expect(readdirSync(join(root, 'trash'))).toEqual([]);
  expect(await ingest.commit()).toEqual({ digest: digestOf('hello'), sizeBytes: 5 });
});
