import { execFile } from 'node:child_process';
import { chmod, link, mkdir, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readTar } from '../../../src-main/engine/tar/read-tar.ts';
import { listing, openBuildBench, textOf } from './build-fixture.ts';

const run = promisify(execFile);

describe('COPY', () => {
  test('puts a file, a folder’s content and a wildcard’s matches where docker puts them', async () => {
    const bench = await openBuildBench({
      Dockerfile:
        'FROM scratch\nWORKDIR /w\nCOPY a.txt b\nCOPY a.txt dir/\nCOPY sub /s\nCOPY *.txt nothing* /t/\n',
      'a.txt': 'a',
      'sub/deep/c': 'c',
    });
    const { rootFs } = await bench.build();
    expect(listing(rootFs).filter((line) => line.includes(' file '))).toEqual([
      '/s/deep/c file 644',
      '/t/a.txt file 644',
      '/w/b file 644',
      '/w/dir/a.txt file 644',
    ]);
  });

  test('looks for a wildcard’s matches only in a folder that is there', async () => {
    const files = { 'sub/c': 'c', file: 'f' };
    const built = async (source: string) => {
      const bench = await openBuildBench({ Dockerfile: `FROM scratch\nCOPY ${source} /t/\n`, ...files });
      return listing((await bench.build()).rootFs);
    };
    expect(await built('sub/*.x file/* no*/sub/*')).toEqual([]);
    await expect(built('subs/*.x')).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'subs is not in the build context',
      hint: 'Did you mean sub?',
    });
  });

  test('never leaves the context, whatever a link points at', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY link /etc-passwd\n' });
    await symlink('/etc/passwd', join(bench.context, 'link'));
    await expect(bench.build()).rejects.toMatchObject({
      code: 'NOT_FOUND',
      message: 'link is not in the build context',
      location: { line: 2 },
    });
  });

  test('keeps hard links of one source, and setuid bits', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY bin /bin\n', 'bin/su': 'x' });
    await chmod(join(bench.context, 'bin/su'), 0o4755);
    await link(join(bench.context, 'bin/su'), join(bench.context, 'bin/zu'));
    const { rootFs } = await bench.build();
    expect(listing(rootFs)).toEqual(['/bin directory 755', '/bin/su file 4755', '/bin/zu file 4755']);
    expect(rootFs.lstat('/bin/su')?.inode).toBe(rootFs.lstat('/bin/zu')?.inode);
  });

  test('refuses a FIFO that it would copy, and passes by one that it would not', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY a /\n', a: 'a' });
    await run('mkfifo', [join(bench.context, 'pipe')]);
    await bench.build();
    await bench.write({ Dockerfile: 'FROM scratch\nCOPY . /\n' });
    await expect(bench.build()).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      message: 'cannot copy pipe of the build context: it is a FIFO (named pipe)',
      location: { line: 2 },
    });
  });

  test('does not put a folder in the place of a file', async () => {
    const bench = await openBuildBench({
      Dockerfile: 'FROM scratch\nCOPY a /x\nCOPY sub /x\n',
      a: 'a',
      'sub/b': 'b',
    });
    await expect(bench.build()).rejects.toMatchObject({ code: 'CONFLICT', location: { line: 3 } });
  });

  test('takes files from another stage without unpacking it', async () => {
    const bench = await openBuildBench({
      Dockerfile:
        'FROM scratch AS one\nCOPY a /deep/a\nFROM scratch\nCOPY --from=One /deep /\nCOPY --from=0 deep/a /b\n',
      a: 'text',
    });
    const { rootFs } = await bench.build();
    expect(await Promise.all([textOf(rootFs, '/a'), textOf(rootFs, '/b')])).toEqual(['text', 'text']);
  });
});

describe('ADD', () => {
  test('unpacks an archive, whatever its name, and copies what only looks like one', async () => {
    const bench = await openBuildBench({
      Dockerfile: 'FROM scratch\nADD data /unpacked/\nADD fake.tar.gz /copied/\n',
      'tree/file': 'inside',
      'fake.tar.gz': 'no archive',
    });
    await run('tar', ['-czf', join(bench.context, 'data'), '-C', join(bench.context, 'tree'), '.']);
    const { rootFs } = await bench.build();
    expect(await textOf(rootFs, '/unpacked/file')).toBe('inside');
    expect(await textOf(rootFs, '/copied/fake.tar.gz')).toBe('no archive');
  });
});

async function* once(bytes: Uint8Array): AsyncGenerator<Uint8Array> {
  yield bytes;
}

const name = fc.stringMatching(/^[a-zA-Zü_.][a-zA-Z0-9 ü_-]{0,8}$/).filter((text) => !/^\.+$/.test(text));
const leaf = fc.oneof(
  fc.record({
    type: fc.constant('file' as const),
    text: fc.string(),
    mode: fc.constantFrom(0o644, 0o600, 0o755),
  }),
  fc.record({ type: fc.constant('link' as const), target: name }),
  fc.record({ type: fc.constant('folder' as const) }),
);
const tree = fc.uniqueArray(fc.tuple(fc.array(name, { minLength: 1, maxLength: 3 }), leaf), {
  maxLength: 12,
  selector: ([path]) => path.join('/'),
});

test('property: a copied tree is what tar would pack, entry by entry', async () => {
  await fc.assert(
    fc.asyncProperty(tree, async (entries) => {
      const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY tree /\n' });
      const root = join(bench.context, 'tree');
      await mkdir(root);
      for (const [path, node] of entries) await makeEntry(join(root, ...path), node);
      const { rootFs } = await bench.build();
      const { stdout } = await run('tar', ['-c', '--owner=0', '--group=0', '-C', root, '.'], {
        encoding: 'buffer',
      });
      const expected: string[] = [];
      for await (const { entry } of readTar(once(stdout))) {
        const { path, type, mode, sizeBytes, link: target } = entry;
        if (path !== '') expected.push(`/${path} ${type} ${mode.toString(8)} ${sizeBytes} ${target}`);
      }
      const copied = Array.from(rootFs.walk('/'), ({ path, entry }) => {
        return `${path} ${entry.type} ${entry.mode.toString(8)} ${entry.sizeBytes} ${entry.link}`;
      }).slice(1);
      expect(copied.toSorted()).toEqual(expected.toSorted());
    }),
    { numRuns: 25 },
  );
});

async function makeEntry(
  path: string,
  node: { type: string; text?: string; mode?: number; target?: string },
) {
  try {
    await mkdir(join(path, '..'), { recursive: true });
    if (node.type === 'file') {
      await writeFile(path, node.text ?? '', { flag: 'wx' });
      await chmod(path, node.mode ?? 0o644);
    } else if (node.type === 'link') await symlink(node.target ?? 'x', path);
    else await mkdir(path);
  } catch (error) {
    // Two random paths may get in each other's way; then the first stays.
    if (!['EEXIST', 'ENOTDIR', 'ENOENT', 'ELOOP'].includes((error as NodeJS.ErrnoException).code ?? ''))
      throw error;
  }
}
