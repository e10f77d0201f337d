import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { parseGitSource } from '../../../src-main/engine/build/source/git-source.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { startWebProxy } from '../../fixtures/web-proxy.ts';
import { tempFolder } from '../support/temp-store.ts';
import { listing, openBuildBench, textOf } from './build-fixture.ts';
import { serveFolder, TestRepository } from './git-repository.ts';

describe('ADD of a URL', () => {
  test('names the file after the address, makes it mode 600, and 1970 when the server tells no time', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'f.txt'), 'text');
    const base = await serveFolder(folder);
    const checksum = digestOf('text');
    const bench = await openBuildBench({
      Dockerfile: `FROM scratch\nADD ${base}/f.txt?v=1 /a/\nADD --checksum=${checksum} ${base}/f.txt /b\n`,
    });
    const { rootFs } = await bench.build();
    expect(listing(rootFs)).toEqual(['/a directory 755', '/a/f.txt file 600', '/b file 600']);
    expect(rootFs.lstat('/b')?.entry.mtime).toBe(0);
  });

  test('sends the credentials of the address as a header', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'f'), 'text');
    const seen: (string | undefined)[] = [];
    const base = await serveFolder(folder, (_path, { authorization }) => {
      seen.push(authorization as string | undefined);
      return {};
    });
    const address = base.replace('http://', 'http://joe:p%40ss@');
    await (await openBuildBench({ Dockerfile: `FROM scratch\nADD ${address}/f /f\n` })).build();
    expect(seen).toEqual([`Basic ${Buffer.from('joe:p@ss').toString('base64')}`]);
  });

  test('goes through the proxy that the environment names', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'f'), 'text');
    const seen: string[] = [];
    const proxy = await startWebProxy(new URL(await serveFolder(folder)).host, seen);
    onTestFinished(() => proxy.close());
    vi.stubEnv('http_proxy', `http://${proxy.host}`);
    onTestFinished(() => void vi.unstubAllEnvs());
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nADD http://files.example/f /f\n' });
    const { rootFs } = await bench.build();
    expect([listing(rootFs), seen]).toEqual([['/f file 600'], ['GET http://files.example/f']]);
  });

  test('fails when the bytes are not those of the checksum', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'f'), 'text');
    const base = await serveFolder(folder);
    const dockerfile = `FROM scratch\nADD --checksum=${digestOf('other')} ${base}/f /f\n`;
    const bench = await openBuildBench({ Dockerfile: dockerfile });
    await expect(bench.build()).rejects.toMatchObject({ code: 'CORRUPT', location: { line: 2 } });
  });
});

describe('ADD of a git repository', () => {
  async function openRepository(): Promise<{ address: string; first: string; second: string }> {
    const repository = await TestRepository.create();
    const first = await repository.commit(
      'echo one > f; mkdir -p sub/deep; echo s > sub/deep/s; ln -s f link',
    );
    await repository.git('tag', 'v1');
    const second = await repository.commit('echo two > f; chmod 755 f');
    await repository.git('tag', '-a', '-m', 'second', 'v2');
    return { address: await repository.serve(), first, second };
  }

  test('takes what the ref, the query and the folder name', async () => {
    const { address, first, second } = await openRepository();
    const bench = await openBuildBench({
      Dockerfile: [
        'FROM scratch',
        `ADD ${address} /head/`,
        `ADD ${address}#v1 /tag/`,
        `ADD ${address}?ref=${first}&subdir=sub /commit/`,
        `ADD ${address}#main:sub/deep /folder/`,
        `ADD --checksum=${second} ${address}?tag=v2 /checked/`,
        '',
      ].join('\n'),
    });
    const { rootFs } = await bench.build();
    expect(listing(rootFs)).toEqual([
      '/checked directory 755',
      '/checked/f file 755',
      '/checked/link symlink 777',
      '/checked/sub directory 755',
      '/checked/sub/deep directory 755',
      '/checked/sub/deep/s file 644',
      '/commit directory 755',
      '/commit/deep directory 755',
      '/commit/deep/s file 644',
      '/folder directory 755',
      '/folder/s file 644',
      '/head directory 755',
      '/head/f file 755',
      '/head/link symlink 777',
      '/head/sub directory 755',
      '/head/sub/deep directory 755',
      '/head/sub/deep/s file 644',
      '/tag directory 755',
      '/tag/f file 644',
      '/tag/link symlink 777',
      '/tag/sub directory 755',
      '/tag/sub/deep directory 755',
      '/tag/sub/deep/s file 644',
    ]);
    expect(await textOf(rootFs, '/tag/f')).toBe('one\n');
  });

  test('--keep-git-dir brings a repository along that knows where it came from and nothing of this machine', async () => {
    const { address, second } = await openRepository();
    const bench = await openBuildBench({
      Dockerfile: `FROM scratch\nADD --keep-git-dir ${address} /r/\n`,
    });
    const { rootFs } = await bench.build();
    expect(await textOf(rootFs, '/r/.git/HEAD')).toBe(`${second}\n`);
    expect(await textOf(rootFs, '/r/.git/config')).toContain(`url = ${address}`);
    expect(rootFs.lstat('/r/.git/FETCH_HEAD')).toBeUndefined();
  });

  test('brings submodules along, but not when the query says so', async () => {
    const inner = await TestRepository.create();
    await inner.commit('echo lib > lib');
    const address = await inner.serve();
    const outer = await TestRepository.create();
    await outer.commit('echo f > f');
    await outer.git('submodule', '--quiet', 'add', address, 'vendor');
    await outer.commit('true');
    const from = await outer.serve();
    const bench = await openBuildBench({
      Dockerfile: `FROM scratch\nADD ${from} /with/\nADD ${from}?submodules=false /without/\n`,
    });
    const { rootFs } = await bench.build();
    const under = (path: string) => rootFs.children(path).map((child) => child.path);
    expect([under('/with/vendor'), under('/without/vendor')]).toEqual([['/with/vendor/lib'], []]);
  });

  test.each([
    ['a ref that is not there', '#nosuch', '', 'NOT_FOUND'],
    ['a folder that is not there', '#main:nosuch', '', 'NOT_FOUND'],
    ['another commit than the checksum’s', '#v1', '--checksum=0123456', 'CORRUPT'],
    ['a checksum that is no commit', '', '--checksum=sha256:00', 'DOCKERFILE'],
    ['an option that does not exist', '?bogus=1', '', 'DOCKERFILE'],
    ['a tag beside a branch', '?tag=v1&branch=main', '', 'DOCKERFILE'],
  ])('refuses %s', async (_what, suffix, flag, code) => {
    const { address } = await openRepository();
    const bench = await openBuildBench({ Dockerfile: `FROM scratch\nADD ${flag} ${address}${suffix} /x/\n` });
    await expect(bench.build()).rejects.toMatchObject({ code, location: { line: 2 } });
  });
});

test.each([
  ['https://host/a.git', { remote: 'https://host/a.git', subfolder: '' }],
  ['https://host/a.git#r:/x/../y/', { ref: 'r', subfolder: 'y' }],
  ['git@host:a.git#r', { remote: 'git@host:a.git', ref: 'r' }],
  ['ssh://git@host/a', { remote: 'ssh://git@host/a' }],
  ['git://host/a?branch=b&subdir=../s', { ref: 'refs/heads/b', subfolder: 's' }],
  ['https://host/a', undefined],
  ['https://host/a.git/', undefined],
  ['dir/a.git', undefined],
  ['-oProxyCommand=x@host:a', undefined],
])('%s is the repository %j', (text, expected) => {
  if (expected === undefined) expect(parseGitSource(text)).toBeUndefined();
  else expect(parseGitSource(text)).toMatchObject(expected);
});
