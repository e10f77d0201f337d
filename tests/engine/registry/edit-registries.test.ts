import { mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { removeRegistry, setRegistry } from '../../../src-main/engine/registry/config/edit-registries.ts';

const PLAIN = { mirrors: [], insecure: false };

describe('registries.json', () => {
  let root: string;
  let file: string;

  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'varve-registries-'));
    file = join(root, 'registries.json');
  });

  afterEach(() => rm(root, { recursive: true, force: true }));

  const written = async (): Promise<unknown> => JSON.parse(await readFile(file, 'utf8'));

  test('is made by the first thing that is said, and says no more than that', async () => {
    await setRegistry(root, 'docker.io', { mirrors: [{ url: 'http://127.0.0.1:5000' }], insecure: false });
    await setRegistry(root, 'host:5000', { ...PLAIN, insecure: true, ca: '/etc/ca.pem' });
    expect(await written()).toEqual({
      registries: {
        'docker.io': { mirrors: ['http://127.0.0.1:5000'] },
        'host:5000': { insecure: true, ca: '/etc/ca.pem' },
      },
    });
    expect(await readdir(root)).toEqual(['registries.json']);
  });

  test('keeps what we do not know, and forgets what is not said any more', async () => {
    const other = { mirrors: ['https://other'], colour: 'red' };
    await writeFile(
      file,
      JSON.stringify({ version: 7, registries: { a: { insecure: true, note: 'mine' }, other } }),
    );
    await setRegistry(root, 'a', PLAIN);
    expect(await written()).toEqual({ version: 7, registries: { a: { note: 'mine' }, other } });
  });

  test('loses none of two edits at once', async () => {
    await Promise.all(['a', 'b', 'c'].map((name) => setRegistry(root, name, { ...PLAIN, insecure: true })));
    expect(Object.keys(((await written()) as { registries: object }).registries).sort()).toEqual([
      'a',
      'b',
      'c',
    ]);
  });

  test('is not written over when it is wrong', async () => {
    for (const wrong of ['{ "registries": {', '{"registries":{"a":{"insecure":"yes"}}}']) {
      await writeFile(file, wrong);
      await expect(setRegistry(root, 'b', PLAIN)).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      await expect(removeRegistry(root, 'a')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
      expect(await readFile(file, 'utf8')).toBe(wrong);
    }
  });

  test('forgets one registry, and says whether it was there', async () => {
    expect(await removeRegistry(root, 'a')).toBe(false);
    expect(await readdir(root)).toEqual([]);
    await setRegistry(root, 'a', { ...PLAIN, insecure: true });
    expect(await removeRegistry(root, 'a')).toBe(true);
    expect(await written()).toEqual({ registries: {} });
  });
});
