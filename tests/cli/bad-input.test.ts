import { execFile, spawnSync } from 'node:child_process';
import { chmod, mkdir, readFile, readdir, truncate, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { runVarve, VARVE, type Ended, type RunOptions } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const run = promisify(execFile);
const NOBODY = 65534;
const IS_ROOT = process.getuid?.() === 0;

const workshop = useWorkshop(async ({ root, folder, out, write }) => {
  await buildBusyboxBase(root);
  // From here on the base is unpacked for RUN, as it stays for the next one.
  const run = await write('unpack', { Dockerfile: 'FROM busybox\nRUN true\n' });
  await out(['build', '-q', '-t', 'unpacked:1', run]);
  const context = await write('good', { Dockerfile: 'FROM scratch\nCOPY a.txt /\n', 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', context]);
  await mkdir(join(folder, 'temp'));
});

/** What must be as it was after a failure: tags with their history, and nothing half-done anywhere. */
async function readState(): Promise<unknown> {
  const leftovers = await Promise.all(
    ['ingest', 'trash', 'snapshots'].map((name) => readdir(join(workshop.root, name)).catch(() => [])),
  );
  return {
    images: await workshop.out(['images', '-a', '--no-trunc', '--digests', '--format', 'json']),
    history: await workshop.out(['tags', '--format', 'json']),
    leftovers: leftovers.flat(),
    temp: await readdir(join(workshop.folder, 'temp')),
  };
}

let before: unknown;
beforeEach(async () => {
  before = await readState();
});
afterEach(async () => {
  const { images, ...after } = (await readState()) as { images: string };
  // "1 second ago" of the images may have become "2 seconds ago"; what they are may not have changed.
  const still = (text: string) => text.replace(/"CreatedSince":"[^"]*"/g, '');
  const { images: imagesBefore, ...rest } = before as { images: string };
  expect({ ...after, images: still(images) }).toEqual({ ...rest, images: still(imagesBefore) });
});

function varve(args: readonly string[], options: RunOptions = {}): Promise<Ended> {
  return workshop.varve(args, { ...options, env: { TMPDIR: join(workshop.folder, 'temp'), ...options.env } });
}

/** Expects that a build fails with one clear message, at the end of the log: two lines, and two for the place in the Dockerfile. */
async function expectFailure(
  args: readonly string[],
  message: RegExp,
  options: RunOptions = {},
): Promise<void> {
  const { status, stdout, stderr } = await varve(args, options);
  const told = stderr.slice(stderr.search(/^varve: /m)).trimEnd();
  expect({ status, stdout, told }).toEqual({
    status: 1,
    stdout: '',
    told: expect.stringMatching(message) as string,
  });
  const isPlaced = /^varve: [^ ]+:\d+:\d+: /.test(told);
  expect(told.split('\n').length).toBeLessThanOrEqual(isPlaced ? 4 : 2);
  expect(stderr).not.toMatch(/^\s+at .+[:(]/m);
}

describe('a build fails with one clear message, and nothing has changed, when', () => {
  test('the context is no folder', async () => {
    await expectFailure(
      ['build', '-t', 'bad:1', join(workshop.folder, 'good', 'a.txt')],
      /good\/a\.txt.*not a folder/,
    );
  });

  test('the context is not there', async () => {
    await expectFailure(['build', '-t', 'bad:1', join(workshop.folder, 'nowhere')], /nowhere/);
  });

  test('the context is a repository that cannot be reached', async () => {
    await expectFailure(
      ['build', 'http://127.0.0.1:1/a.git'],
      /^varve: git failed: fatal: unable to access 'http:\/\/127\.0\.0\.1:1\/a\.git\/'/,
    );
  });

  test('there is no Dockerfile', async () => {
    const context = await workshop.write('empty', { 'a.txt': 'a\n' });
    await expectFailure(['build', '-t', 'bad:1', context], /Dockerfile/);
  });

  test('the named Dockerfile is not there', async () => {
    await expectFailure(
      ['build', '-f', 'Dockerfile.nope', join(workshop.folder, 'good')],
      /Dockerfile\.nope/,
    );
  });

  test('an instruction is unknown', async () => {
    const context = await workshop.write('unknown', { Dockerfile: 'FROM scratch\n\nCOPPY a /\n' });
    await expectFailure(['build', '-t', 'bad:1', context], /^varve: Dockerfile:3:\d+: .*COPPY[^]*COPY/);
  });

  test('a source is outside the context', async () => {
    const context = await workshop.write('outside', { Dockerfile: 'FROM scratch\nCOPY ../good/a.txt /\n' });
    await expectFailure(['build', '-t', 'bad:1', context], /^varve: Dockerfile:2:\d+: .*good\/a\.txt/);
  });

  test('a source is not there', async () => {
    const context = await workshop.write('missing', {
      Dockerfile: 'FROM scratch\nCOPY b.txt /\n',
      'a.txt': '',
    });
    await expectFailure(['build', '-t', 'bad:1', context], /^varve: Dockerfile:2:\d+: .*b\.txt/);
  });

  test('the base image is missing, and near ones are named', async () => {
    const context = await workshop.write('base', {
      Dockerfile: 'FROM localhost:9/busybox:latst\nCOPY . /\n',
    });
    await expectFailure(
      ['build', '-t', 'bad:1', context],
      /^varve: Dockerfile:1:\d+: .*localhost:9\/busybox:latst/,
    );
    const typo = await workshop.write('typo', { Dockerfile: 'FROM ap:1\nCOPY . /\n' });
    await expectFailure(['build', '-t', 'bad:1', typo], /^varve: Dockerfile:1:\d+: [^]*app:1/);
  });

  test('a FIFO is in the way', async () => {
    const context = await workshop.write('fifo', { Dockerfile: 'FROM scratch\nCOPY . /\n' });
    await run('mkfifo', [join(context, 'pipe')]);
    await expectFailure(['build', '-t', 'bad:1', context], /pipe/);
  });

  test('a socket is in the way', async () => {
    const context = await workshop.write('socket', { Dockerfile: 'FROM scratch\nCOPY . /\n' });
    const server = createServer().listen(join(context, 'door'));
    try {
      await expectFailure(['build', '-t', 'bad:1', context], /door/);
    } finally {
      server.close();
    }
  });

  test('a platform or an option has the wrong form', async () => {
    const good = join(workshop.folder, 'good');
    await expectFailure(['build', '--platform', 'a/b/c/d', good], /^varve: not a platform: "a\/b\/c\/d"/);
    await expectFailure(['build', '--secret', 'src=a', good], /^varve: --secret src=a/);
    await expectFailure(['build', '-t', 'Bad Name', good], /Bad Name/);
  });

  test.skipIf(!nobodyCanRun())('a file cannot be read', async () => {
    const context = await workshop.write('locked', {
      Dockerfile: 'FROM scratch\nCOPY . /\n',
      'secret.txt': 's\n',
    });
    await chmod(join(context, 'secret.txt'), 0o000);
    await chmod(workshop.folder, 0o777);
    const store = join(workshop.folder, 'store-nobody');
    await mkdir(store);
    await chmod(store, 0o777);
    const options = IS_ROOT ? { uid: NOBODY } : {};
    const { status, stderr } = await runVarve(store, ['build', '-t', 'bad:1', context], options);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^varve: .*secret\.txt/m);
    expect((await runVarve(store, ['images', '-a', '-q'], options)).stdout).toBe('');
  });

  test('a program fails: its last lines and its status are told', async () => {
    const context = await workshop.write('fails', {
      Dockerfile: 'FROM busybox\nRUN echo one && echo two && exit 42\n',
    });
    const { status, stderr } = await varve(['build', '-t', 'bad:1', context]);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^#\d+ [\d.]+ one$/m);
    expect(stderr).toMatch(/^#\d+ [\d.]+ two$/m);
    const quiet = await varve(['build', '-q', context]);
    expect(quiet.stderr).toMatch(
      /^varve: Dockerfile:2:\d+: RUN .*: exit code 42\n.*\n.*\n.*\n {2}one\n {2}two\n {2}Look around where it failed: varve shell [0-9a-f]{12}\n$/,
    );
    // What was left is made anew each time, and named by when.
    const same = quiet.stderr.slice(0, quiet.stderr.lastIndexOf(' '));
    expect(stderr).toContain(same);
  });
});

function nobodyCanRun(): boolean {
  if (!IS_ROOT) return true;
  return spawnSync(VARVE, ['--version'], { uid: NOBODY, gid: NOBODY }).status === 0;
}

describe('a load fails with one clear message, and nothing has changed, when', () => {
  async function save(name: string): Promise<string> {
    const archive = join(workshop.folder, name);
    await workshop.out(['save', '--format', 'oci', '-o', archive, 'busybox']);
    return archive;
  }

  test('there is no archive', async () => {
    await expectFailure(['load', '-i', 'nowhere.tar'], /nowhere\.tar/);
  });

  test('the file is no archive', async () => {
    await expectFailure(['load', '-i', join(workshop.folder, 'good', 'Dockerfile')], /archive/);
    await expectFailure(['load'], /./, { stdin: 'not a tar' });
  });

  test('the archive is cut off', async () => {
    const archive = await save('cut.tar');
    await truncate(archive, 700_000);
    await expectFailure(['load', '-i', archive], /cut off/);
  });

  test('a blob is not what its digest says', async () => {
    const archive = await save('changed.tar');
    const bytes = await readFile(archive);
    bytes.fill(0x5a, 300_000, 300_100);
    await writeFile(archive, bytes);
    const other = join(workshop.folder, 'store-other');
    const { status, stdout, stderr } = await runVarve(other, ['load', '-i', archive]);
    expect({ status, stdout }).toEqual({ status: 1, stdout: '' });
    expect(stderr).toMatch(/^varve: .*sha256:[0-9a-f]/);
    expect((await runVarve(other, ['images', '-a', '-q'])).stdout).toBe('');
    expect(await readdir(join(other, 'ingest'))).toEqual([]);
  });

  test('the archive is hostile', async () => {
    const folder = await workshop.write('hostile', {
      'index.json': JSON.stringify({
        schemaVersion: 2,
        manifests: [
          {
            mediaType: 'application/vnd.oci.image.manifest.v1+json',
            digest: 'sha256:../../../../etc/passwd',
            size: 10,
          },
        ],
      }),
      'oci-layout': '{"imageLayoutVersion":"1.0.0"}',
    });
    const archive = join(workshop.folder, 'hostile.tar');
    await run('tar', ['-C', folder, '-cf', archive, 'oci-layout', 'index.json']);
    await expectFailure(['load', '-i', archive], /./);
  });
});

describe('other verbs fail with one clear message when', () => {
  test.each([
    [['inspect', 'nowhere:1'], /nowhere:1/],
    [['history', 'nowhere:1'], /nowhere:1/],
    [['tag', 'nowhere:1', 'x:1'], /nowhere:1/],
    [['tag', 'app:1', 'Not A Name'], /Not A Name/],
    [['tag', '--undo', 'never:1'], /never:1/],
    [['untag', 'never:1'], /never:1/],
    [['ls', 'nowhere:1'], /nowhere:1/],
    [['cat', 'app:1', '/nowhere'], /\/nowhere/],
    [['diff', 'app:1', 'nowhere:1'], /nowhere:1/],
    [['save', 'nowhere:1', '-o', 'x.tar'], /nowhere:1/],
    [['images', '--format', '{{.Nothing}}'], /Nothing/],
  ])('%j', async (args, message) => {
    const { status, stderr } = await varve(args);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^varve: /);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split('\n').length).toBeLessThanOrEqual(2);
  });

  test('the data folder is a file', async () => {
    const { status, stderr } = await runVarve(join(workshop.folder, 'good', 'a.txt'), ['images']);
    expect(status).toBe(1);
    expect(stderr).toMatch(/^varve: .*\n/);
    expect(stderr).not.toMatch(/INTERNAL|defect|^\s+at /m);
  });
});

describe('on a full disk', () => {
  const mountable =
    IS_ROOT &&
    spawnSync('sh', [
      '-c',
      'd=$(mktemp -d) && mount -t tmpfs -o size=1m none "$d" && umount "$d" && rmdir "$d"',
    ]).status === 0;

  test.skipIf(!mountable)('a build says so, and the store stays whole and usable', async () => {
    const disk = join(workshop.folder, 'disk');
    await mkdir(disk);
    await run('mount', ['-t', 'tmpfs', '-o', 'size=6m', 'none', disk]);
    try {
      const root = join(disk, 'store');
      expect(
        (await runVarve(root, ['build', '-q', '-t', 'app:1', join(workshop.folder, 'good')])).status,
      ).toBe(0);
      const context = await workshop.write('huge', { Dockerfile: 'FROM scratch\nCOPY noise /\n' });
      await run('sh', ['-c', 'head -c 12000000 /dev/urandom > "$0/noise"', context]);
      const { status, stderr } = await runVarve(root, ['build', '-t', 'huge:1', context]);
      expect(status).toBe(1);
      expect(stderr).toMatch(/^varve: .*(disk is full|no space)/im);
      expect(await readdir(join(root, 'ingest'))).toEqual([]);
      expect((await runVarve(root, ['images', '--format', '{{.Repository}}:{{.Tag}}'])).stdout).toBe(
        'app:1\n',
      );
      expect((await runVarve(root, ['verify'])).status).toBe(0);
      expect((await runVarve(root, ['prune', '-f'])).status).toBe(0);
    } finally {
      await run('umount', [disk]);
    }
  });
});
