import { execFile } from 'node:child_process';
import { readFile, readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import { useWorkshop } from './support/use-workshop.ts';

const DIGEST = /^sha256:[0-9a-f]{64}$/;
const SIMPLE = {
  Dockerfile: 'FROM scratch\nARG NAME=none\nCOPY a.txt /\nLABEL name=$NAME\n',
  'a.txt': 'a\n',
};

const workshop = useWorkshop();
const run = promisify(execFile);

describe('varve build', () => {
  test('tells each step and the digests on standard error, and nothing on standard output', async () => {
    const context = await workshop.write('told', SIMPLE);
    const { status, stdout, stderr } = await workshop.varve(['build', '-t', 'told:1', context]);
    expect({ status, stdout }).toEqual({ status: 0, stdout: '' });
    expect(stderr).toMatch(/^#\d+ \[\d\/\d\] COPY a\.txt \/$/m);
    expect(stderr).toMatch(/^#\d+ DONE \d+\.\ds$/m);
    expect(stderr).toMatch(
      /^Built told:1\n {2}digest {4}sha256:[0-9a-f]{64}\n {2}image ID {2}sha256:[0-9a-f]{64}$/m,
    );
  });

  test('takes every step of an unchanged rebuild from the cache, and the image is the same', async () => {
    const context = await workshop.write('twice', SIMPLE);
    const first = await workshop.out(['build', '-q', '-t', 'twice:1', context]);
    const { stderr } = await workshop.varve(['build', '-t', 'twice:2', context]);
    expect(stderr).toMatch(/^#\d+ CACHED$/m);
    expect(stderr).not.toMatch(/DONE/);
    expect(await workshop.out(['images', '--no-trunc', '-q', 'twice:2'])).toBe(first);
  });

  test('with -q prints the image ID and nothing else', async () => {
    const context = await workshop.write('quiet', SIMPLE);
    const { status, stdout, stderr } = await workshop.varve(['build', '-q', context]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.trim()).toMatch(DIGEST);
  });

  test('writes the image ID and the metadata for scripts', async () => {
    const context = await workshop.write('files', SIMPLE);
    await workshop.out([
      'build',
      '-t',
      'files:1',
      '--iidfile',
      'iid',
      '--metadata-file',
      'meta.json',
      context,
    ]);
    const [image] = JSON.parse(await workshop.out(['inspect', 'files:1'])) as {
      Id: string;
      Digest: string;
    }[];
    expect(await readFile(join(workshop.folder, 'iid'), 'utf8')).toBe(image?.Id);
    expect(JSON.parse(await readFile(join(workshop.folder, 'meta.json'), 'utf8'))).toEqual({
      'containerimage.config.digest': image?.Id,
      'containerimage.digest': image?.Digest,
      'buildx.build.ref': (await workshop.out(['builds', 'ls', '-q', '-n', '1'])).trim(),
      'image.name': expect.stringContaining('files:1') as string,
    });
  });

  test('takes build arguments, also from the environment, and labels', async () => {
    const context = await workshop.write('arguments', SIMPLE);
    const labels = async (tag: string) =>
      JSON.parse(await workshop.out(['inspect', '--format', '{{json .Config.Labels}}', tag])) as unknown;
    await workshop.out(['build', '-t', 'args:1', '--build-arg', 'NAME=given', '--label', 'x=y=z', context]);
    await workshop.out(['build', '-t', 'args:2', '--build-arg', 'NAME', context], {
      env: { NAME: 'outside' },
    });
    expect([await labels('args:1'), await labels('args:2')]).toEqual([
      { name: 'given', x: 'y=z' },
      { name: 'outside' },
    ]);
  });

  test('writes events as JSON lines', async () => {
    const context = await workshop.write('events', SIMPLE);
    const { stderr } = await workshop.varve(['build', '--progress', 'json', '--no-cache', context]);
    const events = stderr
      .trim()
      .split('\n')
      .map((line) => JSON.parse(line) as { type: string; outcome?: string });
    expect(events.slice(0, 2).map(({ type }) => type)).toEqual(['record', 'plan']);
    expect(events.filter(({ type }) => type === 'step-end').every(({ outcome }) => outcome === 'ran')).toBe(
      true,
    );
  });

  test('reads the Dockerfile from standard input', async () => {
    const context = await workshop.write('piped', { 'a.txt': 'piped\n' });
    const stdin = 'FROM scratch\nCOPY a.txt /b.txt\n';
    await workshop.out(['build', '-q', '-t', 'piped:1', '-f', '-', context], { stdin });
    expect(await workshop.out(['cat', 'piped:1', '/b.txt'])).toBe('piped\n');
  });

  test('reads a Dockerfile without a context from standard input', async () => {
    await workshop.out(['build', '-q', '-t', 'alone:1', '-'], {
      stdin: 'FROM scratch\nLABEL a=b\nWORKDIR /x\n',
    });
    expect(await workshop.out(['ls', 'alone:1'])).toBe('x\n');
  });

  test.each([
    ['plain', []],
    ['gzip', ['-z']],
  ])('reads a %s tar of the context from standard input', async (name, flags) => {
    const context = await workshop.write(`tar-${name}`, { ...SIMPLE, 'deep/er/b.txt': 'b\n' });
    const { stdout } = await run('tar', ['-C', context, '-c', ...flags, '.'], { encoding: 'buffer' });
    await workshop.out(['build', '-q', '-t', `tar:${name}`, '-'], { stdin: stdout });
    expect(await workshop.out(['cat', `tar:${name}`, '/a.txt'])).toBe('a\n');
  });

  test('takes the same times and so the same digest from a tar as from the folder', async () => {
    const context = await workshop.write('same', {
      Dockerfile: 'FROM scratch\nCOPY . /\n',
      'd/a.txt': 'a\n',
    });
    await run('touch', [
      '-d',
      '2020-01-02T03:04:05',
      join(context, 'd/a.txt'),
      join(context, 'd'),
      join(context, 'Dockerfile'),
    ]);
    const env = { SOURCE_DATE_EPOCH: '1600000000' };
    const { stdout } = await run('tar', ['-C', context, '-c', '.'], { encoding: 'buffer' });
    const fromFolder = await workshop.out(['build', '-q', context], { env });
    expect(await workshop.out(['build', '-q', '--no-cache', '-'], { env, stdin: stdout })).toBe(fromFolder);
  });

  test('writes a tar of the files to standard output, and a folder', async () => {
    const context = await workshop.write('out', SIMPLE);
    const { stdout } = await workshop.varve(['build', '-o', '-', context]);
    await workshop.write('unpacked', { 'files.tar': stdout });
    const { stdout: names } = await run('tar', ['-tf', join(workshop.folder, 'unpacked', 'files.tar')]);
    expect(names.trim()).toBe('a.txt');
    await workshop.out(['build', '-q', '-o', 'type=local,dest=local-out', context]);
    expect(await readdir(join(workshop.folder, 'local-out'))).toEqual(['a.txt']);
  });

  test('says which tag it moved and how to move it back', async () => {
    const context = await workshop.write('moves', SIMPLE);
    await workshop.out(['build', '-q', '-t', 'moves:1', context]);
    const before = await workshop.out(['images', '-q', 'moves:1']);
    const { stderr } = await workshop.varve(['build', '-t', 'moves:1', '--label', 'new=1', context]);
    expect(stderr).toMatch(/moves:1 was [0-9a-f]{12} \(undo: varve tag --undo moves:1\)/);
    await workshop.out(['tag', '--undo', 'moves:1']);
    expect(await workshop.out(['images', '-q', 'moves:1'])).toBe(before);
  });
});

describe('varve build --check', () => {
  test('is silent about a good Dockerfile', async () => {
    const context = await workshop.write('good', SIMPLE);
    expect(await workshop.varve(['build', '--check', context])).toEqual({
      status: 0,
      stdout: 'Check complete, no warnings found.\n',
      stderr: '',
    });
  });

  test('prints what it finds as JSON, with BuildKit’s names, and fails', async () => {
    const context = await workshop.write('warned', { Dockerfile: 'FROM scratch AS one\nMAINTAINER me\n' });
    const { status, stdout } = await workshop.varve(['build', '--check', '--format', 'json', context]);
    expect(status).toBe(1);
    expect(JSON.parse(stdout)).toEqual({
      warnings: [{ rule: 'MaintainerDeprecated', line: 2, message: expect.any(String) as string }],
    });
  });

  test('prints what docker prints for a person, and marks the place', async () => {
    const context = await workshop.write('shown', {
      Dockerfile:
        '# check=skip=MaintainerDeprecatd;error=true\nFROM scratch\nMAINTAINER me\nCMD a \\\n  $b\n',
    });
    const { status, stdout } = await workshop.varve(['build', '--check', '.'], { cwd: context });
    expect([status, stdout.split('\n')]).toEqual([
      1,
      [
        'Check complete, 2 warnings have been found!',
        '',
        'NOTE',
        'no check is called MaintainerDeprecatd',
        'Did you mean MaintainerDeprecated?',
        'Dockerfile:1',
        '--------------------',
        '   1 | >>> # check=skip=MaintainerDeprecatd;error=true',
        '     |                  ^^^^^^^^^^^^^^^^^^^',
        '   2 |     FROM scratch',
        '   3 |     MAINTAINER me',
        '--------------------',
        '',
        'WARNING: MaintainerDeprecated - https://docs.docker.com/go/dockerfile/rule/maintainer-deprecated/',
        'Maintainer instruction is deprecated in favor of using label',
        'The label org.opencontainers.image.authors has taken the place of MAINTAINER.',
        'Dockerfile:3',
        '--------------------',
        '   1 |     # check=skip=MaintainerDeprecatd;error=true',
        '   2 |     FROM scratch',
        '   3 | >>> MAINTAINER me',
        '     |     ^^^^^^^^^^',
        '   4 |     CMD a \\',
        '   5 |       $b',
        '--------------------',
        '',
        'WARNING: JSONArgsRecommended - https://docs.docker.com/go/dockerfile/rule/json-args-recommended/',
        'JSON arguments recommended for CMD to prevent unintended behavior related to OS signals',
        'CMD and ENTRYPOINT in JSON form get signals; in shell form the shell gets them.',
        'Dockerfile:4',
        '--------------------',
        '   3 |     MAINTAINER me',
        '   4 | >>> CMD a \\',
        '     |         ^^^',
        '   5 | >>>   $b',
        '   6 |',
        '--------------------',
        '',
        'ERROR: lint violation found for rules: MaintainerDeprecated, JSONArgsRecommended',
        '',
      ],
    ]);
  });

  test('a note of Varve’s own is no failure', async () => {
    const context = await workshop.write('noted', { Dockerfile: '# check=skip=Nonsense\nFROM scratch\n' });
    const { status, stdout } = await workshop.varve(['build', '--check', context]);
    expect([status, stdout.split('\n', 1)]).toEqual([0, ['Check complete, no warnings found.']]);
    expect(await workshop.out(['build', '--check', '--format', 'json', context])).toBe('{"warnings":[]}\n');
  });

  test('takes its options from the build argument, as docker does', async () => {
    const context = await workshop.write('argued', { Dockerfile: 'FROM scratch\nMAINTAINER me\n' });
    const argument = (value: string) => ['--build-arg', `BUILDKIT_DOCKERFILE_CHECK=${value}`];
    expect(await workshop.varve(['build', '--check', ...argument('skip=all'), context])).toMatchObject({
      status: 0,
      stdout: 'Check complete, no warnings found.\n',
    });
    const wrong = await workshop.varve(['build', '--check', ...argument('skp=all'), context]);
    expect([wrong.status, wrong.stdout.split('\n')[0]]).toEqual([
      1,
      'Check complete, 1 error and 1 warning have been found!',
    ]);
  });
});

test('a build tells of its warnings with their lines', async () => {
  const context = await workshop.write('told', { Dockerfile: 'FROM scratch\nMAINTAINER me\n' });
  const { status, stderr } = await workshop.varve(['build', '--progress', 'quiet', '.'], { cwd: context });
  expect([status, stderr.split('\n').slice(0, 5)]).toEqual([
    0,
    [
      ' 1 warning found:',
      ' - MaintainerDeprecated: Maintainer instruction is deprecated in favor of using label (line 2)',
      '    2 | MAINTAINER me',
      '      | ^^^^^^^^^^',
      '',
    ],
  ]);
});
