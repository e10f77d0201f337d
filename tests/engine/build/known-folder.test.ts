import { chmod, mkdir, readdir, rename, rm, stat, symlink, utimes, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { buildRequestSchema } from '../../../src-main/contract/builds-api.ts';
import { isEngineError } from '../../../src-main/contract/errors.ts';
import { keepKnownFolder, parseKnownFolder } from '../../../src-main/engine/build/context/known-folder.ts';
import { listStatuses } from '../../../src-main/engine/build/context/list-statuses.ts';
import { ListedStatuses } from '../../../src-main/engine/build/context/listed-statuses.ts';
import { lookAhead, type LookAhead } from '../../../src-main/engine/build/context/look-ahead.ts';
import { runBuild } from '../../../src-main/engine/build/run-build.ts';
import { stackRootFs } from '../../../src-main/engine/filetree/stack-root-fs.ts';
import { openImage } from '../../../src-main/engine/image/open-image.ts';
import { lookAheadOf } from '../../../src-main/engine/look-ahead.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { digestOf } from '../../../src-main/engine/oci/digest.ts';
import { tempFolder } from '../support/temp-store.ts';
import { openBuildBench, textOf, type BuildBench } from './build-fixture.ts';
import { settle } from './settle.ts';

const FILES = 5000;

/** A project that is large enough to be listed by a process of its own, and was built. */
async function openLarge(dockerfile = 'FROM scratch\nCOPY src /src\n'): Promise<BuildBench> {
  const files = Object.fromEntries(
    Array.from({ length: FILES }, (_, at) => [`src/${at % 10}/${at}.txt`, `file ${at}`]),
  );
  const bench = await openBuildBench({
    Dockerfile: dockerfile,
    '.dockerignore': 'left-out',
    'left-out/a': 'a',
    ...files,
  });
  await settle();
  await bench.build();
  return bench;
}

/** A build as the command line begins it: with a look ahead at the folder, which is over before the build begins. */
async function buildAhead(
  { context, store }: BuildBench,
  request: { readonly dockerfileText?: string } = {},
  afterLook: () => Promise<void> = () => Promise.resolve(),
): Promise<{ readonly ahead: boolean; readonly cached: number; text(path: string): Promise<string> }> {
  using ahead: LookAhead | undefined = lookAhead(store.root, context);
  await ahead?.listed;
  await afterLook();
  const sandbox = { probe: () => Promise.resolve({ available: false }) } as never;
  const deps = { store, sandbox, log: silentLog, lookAhead: ahead };
  const result = await runBuild(buildRequestSchema.parse({ context, ...request }), deps);
  const image = await openImage(store, result.digest, { platform: result.platform });
  const rootFs = await stackRootFs(store, image.layers);
  return { ahead: ahead !== undefined, cached: result.steps.cached, text: (path) => textOf(rootFs, path) };
}

describe('a large folder that was built before', () => {
  test('is looked at once, when the command begins, and not walked again', async () => {
    const bench = await openLarge();
    const late = () => writeFile(join(bench.context, 'src/1/1.txt'), 'too late');
    const built = await buildAhead(bench, {}, late);
    expect([built.ahead, built.cached, await built.text('/src/1/1.txt')]).toEqual([true, 1, 'file 1']);
    const next = await buildAhead(bench);
    expect([next.ahead, next.cached, await next.text('/src/1/1.txt')]).toEqual([true, 0, 'too late']);
  });

  test('is another one after any change that a build sees', async () => {
    const bench = await openLarge();
    const at = (path: string) => join(bench.context, path);
    const steps: [string, () => Promise<unknown>][] = [
      ['nothing', () => Promise.resolve()],
      [
        'content of the same size, with its time put back',
        async () => {
          const { atime, mtime } = await stat(at('src/1/1.txt'));
          await writeFile(at('src/1/1.txt'), 'FILE 1');
          await utimes(at('src/1/1.txt'), atime, mtime);
        },
      ],
      ['mode', () => chmod(at('src/1/1.txt'), 0o600)],
      ['name', () => rename(at('src/2/2.txt'), at('src/2/two.txt'))],
      ['a new file', () => writeFile(at('src/3/new.txt'), '')],
      ['a link', () => symlink('elsewhere', at('src/3/link'))],
      ['a file that is gone', () => rm(at('src/4/4.txt'))],
      ['a time', () => utimes(at('src/5/5.txt'), 1, 1)],
      ['what is left out', () => writeFile(at('left-out/a'), 'b')],
      ['the ignore file', () => writeFile(at('.dockerignore'), 'src/6\nleft-out')],
    ];
    const seen: [string, number][] = [];
    for (const [what, change] of steps) {
      await change();
      await settle();
      seen.push([what, (await buildAhead(bench)).cached]);
    }
    expect(seen).toEqual([
      ['nothing', 1],
      ['content of the same size, with its time put back', 0],
      ['mode', 0],
      ['name', 0],
      ['a new file', 0],
      ['a link', 0],
      ['a file that is gone', 0],
      ['a time', 1],
      ['what is left out', 1],
      ['the ignore file', 0],
    ]);
  });

  test('that changes after it was looked at is not built half as it was', async () => {
    const bench = await openLarge();
    const dockerfileText = 'FROM scratch\nCOPY src /src\nCOPY src/2 /two\n';
    const late = () => writeFile(join(bench.context, 'src/1/1.txt'), 'too late');
    const error: unknown = await buildAhead(bench, { dockerfileText }, late).catch(
      (reason: unknown) => reason,
    );
    expect(isEngineError(error, 'CONFLICT') && error.message).toBe(
      'the build context changed while the build read it',
    );
  });
});

describe('what is known of folders', () => {
  const digest = digestOf('');
  const facts = {
    ignore: digest,
    leftOut: ['a b', 'c\n*'],
    entries: 1,
    fingerprint: digest,
    revision: digest,
  };

  test('comes back whole, or not at all', async () => {
    const root = await tempFolder();
    const folder = await tempFolder();
    await keepKnownFolder(root, { ...facts, folder });
    using ahead = lookAhead(root, folder);
    const known = ahead?.known ?? '';
    const torn = Array.from({ length: known.length }, (_, length) => known.slice(0, length));
    expect([
      parseKnownFolder(known, folder),
      parseKnownFolder(known, '/elsewhere'),
      torn.filter((text) => parseKnownFolder(text, folder) !== undefined),
    ]).toEqual([{ version: 1, ...facts, folder }, undefined, []]);
  });

  test('is found by whichever word of a command names the folder', async () => {
    const root = await tempFolder();
    const folder = await tempFolder();
    await keepKnownFolder(root, { ...facts, folder });
    const here = { env: { VARVE_ROOT: root }, cwd: dirname(folder) };
    const name = basename(folder);
    const found = [['build', '-t', 'app', name], ['build', folder, '-q'], ['build', '.'], ['build']].map(
      (words) => {
        using ahead = lookAheadOf(words, here);
        return ahead?.folder;
      },
    );
    expect(found).toEqual([folder, folder, undefined, undefined]);
  });

  test('is of the last 256', async () => {
    const root = await tempFolder();
    for (let at = 0; at < 260; at++) await keepKnownFolder(root, { ...facts, folder: `/folder/${at}` });
    expect(await readdir(join(root, 'folders'))).toHaveLength(256);
  });
});

describe('a listing', () => {
  test('does not enter what is left out, whatever its name', async () => {
    const folder = await tempFolder();
    const names = ['[a]*?\\', 'a', 'new\nline', ' ', 'in/ner', "quo'te", '-name', '('];
    for (const name of names) await mkdir(join(folder, name), { recursive: true });
    for (const name of names) await writeFile(join(folder, name, 'file'), '');
    const leftOut = names.filter((name) => name !== 'a');
    using listing = listStatuses(folder, leftOut);
    const text = Buffer.from((await listing.listed) ?? []).toString();
    const paths = text.split('\0').slice(0, -1);
    expect(paths.map((entry) => entry.split(' ').slice(3).join(' ')).sort()).toEqual([
      '',
      'a',
      'a/file',
      'in',
    ]);
  });

  test('tells whether anything in it has changed since a moment', async () => {
    const folder = await tempFolder();
    await writeFile(join(folder, 'file'), '');
    await settle();
    const nowNs = BigInt(Date.now()) * 1_000_000n;
    using before = listStatuses(folder, []);
    const still = new ListedStatuses((await before.listed) ?? new Uint8Array()).isAsOf(nowNs);
    await chmod(join(folder, 'file'), 0o600);
    using after = listStatuses(folder, []);
    const changed = new ListedStatuses((await after.listed) ?? new Uint8Array()).isAsOf(nowNs);
    expect([still, changed]).toEqual([true, false]);
  });

  test('is none of a folder that is not there, and none when it is cancelled', async () => {
    const folder = await tempFolder();
    using missing = listStatuses(join(folder, 'missing'), []);
    using cancelled = listStatuses(folder, [], { signal: AbortSignal.abort() });
    const all = await Promise.all([missing, cancelled].map(({ listed }) => listed));
    expect(all).toEqual([undefined, undefined]);
  });
});
