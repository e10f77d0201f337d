import {
  chmod,
  mkdtemp,
  readFile,
  rm,
  stat,
  symlink,
  utimes,
  writeFile,
  mkdir,
  readdir,
} from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { readDockerfile, writeDockerfile } from '../../../src-main/engine/api/dockerfile-file.ts';
import { openRecentContexts } from '../../../src-main/engine/api/recent-contexts.ts';
import { listSamples, openSample } from '../../../src-main/engine/api/samples.ts';

let folder = '';
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'varve-api-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

describe('the Dockerfile on disk', () => {
  test('is read with the time of its last change', async () => {
    await writeFile(join(folder, 'Dockerfile'), 'FROM scratch\n');
    await utimes(join(folder, 'Dockerfile'), 10, 20);
    expect(await readDockerfile(folder, 'Dockerfile')).toEqual({
      text: 'FROM scratch\n',
      file: join(folder, 'Dockerfile'),
      modifiedAt: '1970-01-01T00:00:20.000Z',
    });
  });

  test('keeps its mode, and its place when it is a symbolic link', async () => {
    await writeFile(join(folder, 'real'), 'old');
    await chmod(join(folder, 'real'), 0o640);
    await symlink('real', join(folder, 'Dockerfile'));
    await writeDockerfile({ path: folder, dockerfile: 'Dockerfile', text: 'new' });
    expect(await readFile(join(folder, 'real'), 'utf8')).toBe('new');
    expect((await stat(join(folder, 'real'))).mode & 0o777).toBe(0o640);
    expect((await readdir(folder)).sort()).toEqual(['Dockerfile', 'real']);
  });

  test('is not overwritten when another program changed it', async () => {
    await writeFile(join(folder, 'Dockerfile'), 'theirs');
    const write = writeDockerfile({
      path: folder,
      dockerfile: 'Dockerfile',
      text: 'ours',
      modifiedAt: '2001-01-01T00:00:00.000Z',
    });
    await expect(write).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(await readFile(join(folder, 'Dockerfile'), 'utf8')).toBe('theirs');
  });

  test('is refused when it is missing, a folder or not text', async () => {
    await writeFile(join(folder, 'binary'), Uint8Array.of(0xff, 0xfe, 0x00));
    await mkdir(join(folder, 'folder'));
    await expect(readDockerfile(folder, 'none')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    await expect(readDockerfile(folder, 'folder')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
    await expect(readDockerfile(folder, 'binary')).rejects.toMatchObject({ code: 'INVALID_INPUT' });
  });
});

describe('recent folders', () => {
  test('are newest first, once each, without those that are gone', async () => {
    const recent = openRecentContexts(folder);
    for (const name of ['a', 'b', 'gone']) await mkdir(join(folder, name));
    for (const name of ['a', 'b', 'gone', 'a']) await recent.remember(join(folder, name));
    await rm(join(folder, 'gone'), { recursive: true });
    expect((await recent.list()).map(({ name }) => name)).toEqual(['a', 'b']);
    expect((await openRecentContexts(folder).list()).map(({ name }) => name)).toEqual(['a', 'b']);
  });

  test('survive a damaged file', async () => {
    await writeFile(join(folder, 'recent-contexts.json'), '{');
    expect(await openRecentContexts(folder).list()).toEqual([]);
  });
});

describe('samples', () => {
  test('are copied once and then kept as the person left them', async () => {
    const samples = join(folder, 'samples');
    await mkdir(join(samples, 'one'), { recursive: true });
    await writeFile(join(samples, 'one', 'Dockerfile'), 'FROM scratch\n');
    const sample = { id: 'one', title: 'One', description: 'The first.', needsNetwork: false };
    await writeFile(join(samples, 'samples.json'), JSON.stringify([sample]));
    expect(await listSamples(samples)).toEqual([sample]);

    const root = join(folder, 'root');
    const { path } = await openSample(samples, root, 'one');
    await writeFile(join(path, 'Dockerfile'), 'FROM scratch AS mine\n');
    expect(await openSample(samples, root, 'one')).toEqual({ path });
    expect(await readFile(join(path, 'Dockerfile'), 'utf8')).toBe('FROM scratch AS mine\n');
    await expect(openSample(samples, root, '../one')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });
});
