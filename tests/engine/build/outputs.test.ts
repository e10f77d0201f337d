import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../../src-main/contract/builds-api.ts';
import { tempFolder } from '../support/temp-store.ts';
import { listing, openBuildBench, textOf } from './build-fixture.ts';

const run = promisify(execFile);
const FILES = { Dockerfile: 'FROM scratch\nCOPY a /deep/a\nCOPY <<EOF /b\nhere\nEOF\n', a: 'text' };

/** What is told of the writing when it begins and when all is written. */
function firstAndLast(events: readonly BuildEvent[]): readonly unknown[] {
  const told = events.filter(({ type }) => type === 'export');
  return [told[0], told.at(-1)];
}

describe('outputs', () => {
  test.for(['tar', 'local'] as const)('%s tells how much of the files is written', async (type) => {
    const bench = await openBuildBench(FILES);
    const destination = join(await tempFolder(), 'out');
    const { events } = await bench.build({ outputs: [{ type, destination }] });
    const what = `${type} ${destination}`;
    const whole = { bytes: 9, totalBytes: 9, bytesPerSecond: expect.any(Number) as unknown };
    expect(firstAndLast(events)).toEqual([
      { type: 'export', what },
      { type: 'export', what, ...whole },
    ]);
  });

  test.for(['oci', 'docker'] as const)('%s tells how much of the image is written', async (type) => {
    const bench = await openBuildBench(FILES);
    const destination = join(await tempFolder(), 'out.tar');
    const { events, result } = await bench.build({ outputs: [{ type, destination }] });
    const what = `${type} ${destination}`;
    const { sizeBytes } = result;
    const whole = { bytes: sizeBytes, totalBytes: sizeBytes, bytesPerSecond: expect.any(Number) as unknown };
    expect(firstAndLast(events)).toEqual([
      { type: 'export', what },
      { type: 'export', what, ...whole },
    ]);
  });

  test('local writes the files into a new folder, and refuses one that has something in it', async () => {
    const bench = await openBuildBench(FILES);
    const folder = await tempFolder();
    await bench.build({ outputs: [{ type: 'local', destination: join(folder, 'new') }] });
    expect(await readFile(join(folder, 'new/deep/a'), 'utf8')).toBe('text');
    const again = bench.build({
      tags: ['app'],
      outputs: [{ type: 'local', destination: join(folder, 'new') }],
    });
    await expect(again).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(bench.store.tags.list()).toEqual([]);
  });

  test('tar writes the files as tar lists them', async () => {
    const bench = await openBuildBench(FILES);
    const path = join(await tempFolder(), 'out.tar');
    await bench.build({ outputs: [{ type: 'tar', destination: path }] });
    const { stdout } = await run('tar', ['-tf', path]);
    expect(stdout.trim().split('\n')).toEqual(['b', 'deep/', 'deep/a']);
  });

  test('an OCI archive carries the names that the build moves', async () => {
    const bench = await openBuildBench(FILES);
    const path = join(await tempFolder(), 'out.tar');
    const { result } = await bench.build({ tags: ['app:1'], outputs: [{ type: 'oci', destination: path }] });
    const { stdout } = await run('tar', ['-xOf', path, 'index.json']);
    const index = JSON.parse(stdout) as {
      manifests: { digest: string; annotations: Record<string, string> }[];
    };
    expect(index.manifests.map(({ digest }) => digest)).toEqual([result.digest]);
    expect(JSON.stringify(index.manifests[0]?.annotations)).toContain('app:1');
  });

  test('SOURCE_DATE_EPOCH is the time of everything that the build makes', async () => {
    const bench = await openBuildBench(FILES);
    const first = await bench.build({ sourceDateEpoch: 86_400, noCache: true });
    const other = await openBuildBench(FILES);
    const second = await other.build({ sourceDateEpoch: 86_400 });
    expect(second.result.digest).toBe(first.result.digest);
    expect(first.image.config.created).toBe('1970-01-02T00:00:00.000Z');
    expect(first.rootFs.stat('/deep/a')?.entry.mtime).toBe(86_400);
  });

  test.for(['zstd', 'none'] as const)('layers can be compressed with %s', async (compression) => {
    const bench = await openBuildBench(FILES);
    const { image, rootFs } = await bench.build({ compression });
    expect(image.layers[0]?.descriptor.mediaType).toMatch(compression === 'zstd' ? /\+zstd$/ : /\.tar$/);
    expect(await textOf(rootFs, '/deep/a')).toBe('text');
  });
});

describe('named contexts', () => {
  test('a folder comes before a stage of that name, which is then not built', async () => {
    const bench = await openBuildBench({
      Dockerfile: 'FROM nowhere.invalid/x AS data\nFROM scratch\nCOPY --from=data f /\n',
    });
    const folder = await tempFolder();
    await writeFile(join(folder, 'f'), 'from the folder');
    const { rootFs } = await bench.build({ buildContexts: { data: folder } });
    expect(await textOf(rootFs, '/f')).toBe('from the folder');
  });

  test('a folder can be a base', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM files\nLABEL a=b\n' });
    const folder = await tempFolder();
    await mkdir(join(folder, 'etc'));
    const { rootFs } = await bench.build({ buildContexts: { files: folder } });
    expect(listing(rootFs)).toEqual(['/etc directory 755']);
  });

  test('an OCI layout is read without moving a tag', async () => {
    const maker = await openBuildBench(FILES);
    const archive = join(await tempFolder(), 'layout.tar');
    await maker.build({ tags: ['app:1'], outputs: [{ type: 'oci', destination: archive }] });
    const layout = await tempFolder();
    await run('tar', ['-xf', archive, '-C', layout]);
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY --from=lib /deep/a /a\n' });
    const { rootFs } = await bench.build({ buildContexts: { lib: `oci-layout://${layout}` } });
    expect(await textOf(rootFs, '/a')).toBe('text');
    expect(bench.store.tags.list()).toEqual([]);
  });

  test('a folder that is not there is refused before anything is built', async () => {
    const bench = await openBuildBench({ Dockerfile: 'FROM scratch\n' });
    const building = bench.build({ buildContexts: { x: join(bench.context, 'nope') } });
    await expect(building).rejects.toMatchObject({ code: 'NOT_FOUND' });
    expect(await readdir(join(bench.store.root, 'ingest'))).toEqual([]);
  });
});
