import { execFileSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import {
  fetchContext,
  isRemoteContext,
  openContextFile,
} from '../../../src-main/engine/build/context/fetch-context.ts';
import type { FetchedContext } from '../../../src-main/engine/build/context/fetch-context.ts';
import { tarOf } from '../support/archives.ts';
import { file, folder, hardlink, symlink, type Member } from '../support/layers.ts';
import { tempFolder } from '../support/temp-store.ts';
import { listing, openBuildBench, textOf } from './build-fixture.ts';
import { serveFolder, TestRepository } from './git-repository.ts';

const OPTIONS = { keepGitDir: false };

async function builtFrom(fetched: FetchedContext, dockerfile?: string) {
  const { context, contextKind } = fetched;
  const dockerfileText = await fetched.dockerfile(dockerfile);
  return (await openBuildBench()).build({ context, contextKind, dockerfileText });
}

const MEMBERS: readonly Member[] = [
  file('Dockerfile', 'FROM scratch\nCOPY . /o/\n'),
  symlink('Linked', './Dockerfile'),
  file('.dockerignore', 'a\n'),
  file('a', 'text', { mode: 0o4755, uid: 7, gid: 8, mtime: 5 }),
  { entry: { ...hardlink('b', 'a').entry, mode: 0o4755, uid: 7, gid: 8, mtime: 5 } },
  folder('d', { mode: 0o700 }),
  { entry: { ...file('n').entry, type: 'char', devMajor: 1, devMinor: 3 } },
];

describe('a tar as the build context', () => {
  async function tarFile(members = MEMBERS): Promise<string> {
    const path = join(await tempFolder(), 'context.tar');
    await writeFile(path, tarOf(members));
    return path;
  }

  test('keeps owners, special modes, hard links and devices, and knows no ignore file', async () => {
    const fetched = await openContextFile(await tarFile(), await tempFolder(), {});
    const { rootFs } = await builtFrom(fetched);
    expect(listing(rootFs)).toEqual([
      '/o directory 755',
      '/o/.dockerignore file 644',
      '/o/Dockerfile file 644',
      '/o/Linked symlink 777',
      '/o/a file 4755',
      '/o/b file 4755',
      '/o/d directory 700',
      '/o/n char 644',
    ]);
    expect(rootFs.lstat('/o/a')?.entry).toMatchObject({ uid: 7, gid: 8, mtime: 5 });
    expect(rootFs.lstat('/o/a')?.inode).toBe(rootFs.lstat('/o/b')?.inode);
  });

  test('has its Dockerfile under another name, through a link too; one that it lacks is an error', async () => {
    const fetched = await openContextFile(await tarFile(), await tempFolder(), {});
    expect(await fetched.dockerfile('Linked')).toBe('FROM scratch\nCOPY . /o/\n');
    await expect(fetched.dockerfile('Nope')).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test.each(['gzip', 'bzip2', 'xz', 'zstd'])('may be packed with %s', async (program) => {
    const packed = join(await tempFolder(), 'input');
    await writeFile(packed, execFileSync(program, ['-c'], { input: tarOf(MEMBERS) }));
    const { rootFs } = await builtFrom(await openContextFile(packed, await tempFolder(), {}));
    expect(await textOf(rootFs, '/o/a')).toBe('text');
  });

  test('may lie behind an address', async () => {
    const path = await tarFile();
    const address = await serveFolder(join(path, '..'));
    const { rootFs } = await builtFrom(
      await fetchContext(`${address}/context.tar`, await tempFolder(), OPTIONS),
    );
    expect(await textOf(rootFs, '/o/a')).toBe('text');
  });
});

describe('a Dockerfile as the build context', () => {
  test('on standard input has nothing beside it, not even itself', async () => {
    const path = join(await tempFolder(), 'input');
    await writeFile(path, 'FROM scratch\nCOPY . /o/\n');
    const { rootFs } = await builtFrom(await openContextFile(path, await tempFolder(), {}));
    expect(listing(rootFs)).toEqual(['/o directory 755']);
  });

  test('of more than 16 MiB is refused before it fills the memory', async () => {
    const path = join(await tempFolder(), 'input');
    await writeFile(path, Buffer.alloc(16 * 1024 * 1024 + 1, '#'));
    const opened = await openContextFile(path, await tempFolder(), {});
    await expect(opened.dockerfile(undefined)).rejects.toMatchObject({ code: 'LIMIT_EXCEEDED' });
  });

  test('behind an address is the only file, under the name that BuildKit gives it', async () => {
    const served = await tempFolder();
    await writeFile(join(served, 'any'), 'FROM scratch\nCOPY . /o/\n');
    const address = await serveFolder(served);
    const { rootFs } = await builtFrom(await fetchContext(`${address}/any`, await tempFolder(), OPTIONS));
    expect(listing(rootFs)).toEqual(['/o directory 755', '/o/context file 600']);
  });
});

describe('a git repository as the build context', () => {
  async function openRepository(): Promise<string> {
    const repository = await TestRepository.create();
    await repository.commit(
      'printf "FROM scratch\\nCOPY . /o/\\n" > Dockerfile; echo a > .dockerignore; echo a > a; ' +
        'mkdir sub; printf "FROM scratch\\nCOPY . /s/\\n" > sub/Dockerfile; ln -s / out; ln -s /etc/passwd Stolen',
    );
    return repository.serve();
  }

  test('is taken whole, with no ignore file, and without its history', async () => {
    const fetched = await fetchContext(await openRepository(), await tempFolder(), OPTIONS);
    const { rootFs } = await builtFrom(fetched);
    expect(rootFs.children('/o').map(({ path }) => path)).toEqual([
      '/o/.dockerignore',
      '/o/Dockerfile',
      '/o/Stolen',
      '/o/a',
      '/o/out',
      '/o/sub',
    ]);
  });

  test('may be a folder of the repository', async () => {
    const fetched = await fetchContext(`${await openRepository()}#main:sub`, await tempFolder(), OPTIONS);
    expect(listing((await builtFrom(fetched)).rootFs)).toEqual([
      '/s directory 755',
      '/s/Dockerfile file 644',
    ]);
  });

  test('never reaches this machine’s files through its links', async () => {
    const address = await openRepository();
    const fetched = await fetchContext(address, await tempFolder(), OPTIONS);
    await expect(fetched.dockerfile('Stolen')).rejects.toMatchObject({ code: 'NOT_FOUND' });
    const outside = fetchContext(`${address}#main:out/etc`, await tempFolder(), OPTIONS);
    await expect(outside).rejects.toMatchObject({ code: 'NOT_FOUND' });
  });

  test('may be a named context, to copy from and to start from', async () => {
    const address = await openRepository();
    const bench = await openBuildBench({
      Dockerfile:
        'FROM src AS base\nFROM scratch\nCOPY --from=src Dockerfile /a\nCOPY --from=base Dockerfile /b\n',
    });
    const { rootFs } = await bench.build({ buildContexts: { src: `${address}#main:sub` } });
    expect(listing(rootFs)).toEqual(['/a file 644', '/b file 644']);
  });
});

test.each([
  ['https://host/x.tar.gz', true],
  ['https://host/repo.git#main', true],
  ['git@host:repo.git', true],
  ['github.com/owner/repo', true],
  ['./github.com/owner/repo', false],
  ['folder', false],
])('%s is remote: %s', (text, remote) => {
  expect(isRemoteContext(text)).toBe(remote);
});
