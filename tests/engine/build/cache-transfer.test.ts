import { mkdir, readdir, readFile, rm, utimes, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuildEvent } from '../../../src-main/contract/builds-api.ts';
import { tempFolder, tempStore } from '../support/temp-store.ts';
import { foreseen, openBuildBench, outcomes, type BuildBench } from './build-fixture.ts';
import { scriptedSandbox, type ScriptedSandbox } from './scripted-sandbox.ts';

const DOCKERFILE = `FROM scratch AS tools
RUN write tool 1
COPY src /src
FROM scratch
COPY --from=tools /src/a /a
RUN write made 2
LABEL a=b
`;

interface Machine extends BuildBench {
  readonly sandbox: ScriptedSandbox;
}

/** A store of its own, with a copy of the context. */
async function openMachine(): Promise<Machine> {
  const store = await tempStore();
  const sandbox = scriptedSandbox(store);
  const files = { Dockerfile: DOCKERFILE, 'src/a': 'a', 'src/b': 'b' };
  return { ...(await openBuildBench(files, { store, sandbox })), sandbox };
}

type Kind = 'local' | 'archive';
const KINDS = ['local', 'archive'] as const;

/** Builds on one machine and writes the cache; answers where it is. */
async function exported(type: Kind, mode: 'min' | 'max') {
  const machine = await openMachine();
  const place = join(await tempFolder(), type === 'local' ? 'cache' : 'cache.tar');
  const { result } = await machine.build({ cacheTo: [{ type, destination: place, mode }] });
  return { machine, place, result };
}

function warnings(events: readonly BuildEvent[]): readonly string[] {
  return events.flatMap((event) =>
    event.type === 'warning' ? [`${event.warning.rule}: ${event.warning.message}`] : [],
  );
}

describe('a cache that another machine wrote', () => {
  test.for(KINDS)('gives every step and the same digest, as %s', async (type) => {
    const { place, result } = await exported(type, 'max');
    const other = await openMachine();
    const built = await other.build({ cacheFrom: [{ type, source: place }] });
    expect(built.result.steps).toEqual({ ran: 0, cached: 4 });
    expect(built.result.digest).toBe(result.digest);
    expect(other.sandbox.ran).toEqual([]);
    expect(warnings(built.events)).toEqual([]);
    expect((await other.build()).result).toMatchObject({
      digest: result.digest,
      steps: { ran: 0, cached: 4 },
    });
  });

  test.for(KINDS)('tells how much of it is written, as %s', async (type) => {
    const machine = await openMachine();
    const destination = join(await tempFolder(), 'cache');
    const cacheTo = [{ type, destination, mode: 'min' as const }];
    const { events, image } = await machine.build({ cacheTo });
    const layerBytes = image.layers.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
    const what = `writing the cache to ${destination}`;
    const told = events.filter((event) => event.type === 'export');
    expect(told[0]).toEqual({ type: 'export', what });
    expect(told.at(-1)).toEqual({
      type: 'export',
      what,
      bytes: layerBytes,
      totalBytes: layerBytes,
      bytesPerSecond: expect.any(Number) as unknown,
    });
  });

  test.for(KINDS)('tells how much of a layer is brought in, as %s', async (type) => {
    const { place } = await exported(type, 'max');
    const other = await openMachine();
    await other.write({ Dockerfile: 'FROM scratch\nRUN write tool 1\n' });
    const { events, image } = await other.build({ cacheFrom: [{ type, source: place }] });
    const bytes = image.layers[0]?.descriptor.size;
    expect(events.filter((event) => event.type === 'step-progress')).toEqual([
      {
        type: 'step-progress',
        step: '0.1',
        what: 'bringing from another cache',
        bytes,
        totalBytes: bytes,
        bytesPerSecond: expect.any(Number) as unknown,
      },
    ]);
  });

  test.for(KINDS)('is in the forecast, as %s, and what is missing of it', async (type) => {
    const { place } = await exported(type, 'max');
    const cacheFrom = [{ type, source: place }];
    const other = await openMachine();
    const cached = ['0.1 cached', '0.2 cached', '1.1 cached', '1.2 cached'];
    expect(foreseen(await other.forecast({ cacheFrom, thorough: true }))).toEqual(cached);
    await other.write({ Dockerfile: DOCKERFILE.replace('made 2', 'made 3') });
    const changed = foreseen(await other.forecast({ cacheFrom, thorough: true }));
    expect(changed).toEqual([...cached.slice(0, 3), '1.2 run: this step has not run before']);
    const { events } = await other.build({ cacheFrom });
    expect(outcomes(events)).toEqual(changed.map((line) => line.replace(' run:', ' ran:')));
  });

  test('is not in the forecast where a layer is gone', async () => {
    const { place, machine } = await exported('local', 'max');
    const { image } = await machine.build();
    const gone = image.layers[1]?.descriptor.digest.slice(7) ?? '';
    await rm(join(place, 'blobs/sha256', gone));
    const other = await openMachine();
    const forecast = await other.forecast({ cacheFrom: [{ type: 'local', source: place }], thorough: true });
    expect(foreseen(forecast).map((line) => line.split(':')[0])).toEqual([
      '0.1 cached',
      '0.2 cached',
      '1.1 cached',
      '1.2 run',
    ]);
  });

  test('brings in only the layers that are hit', async () => {
    const { place } = await exported('local', 'max');
    const other = await openMachine();
    await other.write({ Dockerfile: 'FROM scratch\nRUN write tool 1\n' });
    const { image } = await other.build({ cacheFrom: [{ type: 'local', source: place }] });
    const stored: string[] = [];
    for await (const { digest } of other.store.blobs.list()) stored.push(digest);
    const layers = image.layers.map(({ descriptor }) => descriptor.digest);
    expect(stored.toSorted()).toEqual([image.descriptor.digest, image.imageId, ...layers].toSorted());
  });

  test('with mode=min has the layers of the image and no others', async () => {
    const { place, machine } = await exported('local', 'min');
    const other = await openMachine();
    const { events } = await other.build({ cacheFrom: [{ type: 'local', source: place }] });
    expect(outcomes(events).map((line) => line.split(':')[0])).toEqual([
      '0.1 ran',
      '0.2 ran',
      '1.1 cached',
      '1.2 cached',
    ]);
    const { image } = await machine.build();
    const blobs = await readdir(join(place, 'blobs/sha256'));
    for (const { descriptor } of image.layers) expect(blobs).toContain(descriptor.digest.slice(7));
    expect(blobs).toHaveLength(2 + image.layers.length);
  });

  test('is asked after the own one, and not with --no-cache', async () => {
    const { place } = await exported('local', 'max');
    const other = await openMachine();
    const { result } = await other.build({ noCache: true, cacheFrom: [{ type: 'local', source: place }] });
    expect(result.steps).toEqual({ ran: 4, cached: 0 });
  });
});

describe('a cache that cannot be used is told of, and the build does without it:', () => {
  test.for([
    ['nothing is there', () => Promise.resolve(), 'there is no OCI layout in'],
    ['a layout of something else', writeForeign, 'but no build cache of Varve'],
    [
      'no JSON',
      (place: string) => writeFile(join(place, 'index.json'), 'nonsense'),
      'the image index is not JSON',
    ],
  ] as const)('%s', async ([, prepare, message]) => {
    const place = await tempFolder();
    await prepare(place);
    const machine = await openMachine();
    const { events, result } = await machine.build({ cacheFrom: [{ type: 'local', source: place }] });
    expect(warnings(events)).toEqual([expect.stringContaining(message)]);
    expect(warnings(events)[0]).toMatch(/^CacheNotUsed: the cache in .* is not used: /);
    expect(result.steps).toEqual({ ran: 4, cached: 0 });
  });

  test('a config whose bytes were changed', async () => {
    const { place } = await exported('local', 'max');
    const config = await blobWith(place, 'keyVersion');
    await writeFile(config, (await readFile(config, 'utf8')).replace('write tool 1', 'write tool 9'));
    const { events, result } = await (
      await openMachine()
    ).build({ cacheFrom: [{ type: 'local', source: place }] });
    expect(warnings(events)).toEqual([expect.stringContaining('have another digest')]);
    expect(result.steps).toEqual({ ran: 4, cached: 0 });
  });

  test('a layer whose bytes were changed; the others are taken', async () => {
    const { place, machine } = await exported('local', 'max');
    const [layer] = (await machine.build()).image.layers;
    const path = join(place, 'blobs/sha256', layer?.descriptor.digest.slice(7) ?? '');
    const bytes = await readFile(path);
    await writeFile(path, bytes.fill(7, 12, 20));
    const other = await openMachine();
    const { events, result } = await other.build({ cacheFrom: [{ type: 'local', source: place }] });
    expect(warnings(events)).toEqual([expect.stringContaining('a layer of the cache in')]);
    expect(result.steps).toEqual({ ran: 1, cached: 3 });
    expect((await other.store.verify({})).broken).toEqual([]);
  });
});

describe('writing a cache', () => {
  test('into the folder of an earlier one takes its place and leaves none of its layers', async () => {
    const { place, machine } = await exported('local', 'max');
    const before = await readdir(join(place, 'blobs/sha256'));
    await machine.write({ Dockerfile: 'FROM scratch\nRUN write other 3\n' });
    await machine.build({ cacheTo: [{ type: 'local', destination: place, mode: 'max' }] });
    const after = await readdir(join(place, 'blobs/sha256'));
    expect(after.filter((name) => before.includes(name))).toEqual([]);
    expect(after).toHaveLength(3);
    const { result } = await machine.build({ cacheFrom: [{ type: 'local', source: place }] });
    expect(result.steps).toEqual({ ran: 0, cached: 1 });
  });

  test('into a folder where another was ended half-way goes on, and leaves nothing of that', async () => {
    const { place, machine } = await exported('local', 'max');
    const whole = await readdir(join(place, 'blobs/sha256'));
    await rm(join(place, 'index.json'));
    const [left, abandoned] = ['a'.repeat(64), `${'b'.repeat(64)}.partial-1`].map((name) =>
      join(place, 'blobs/sha256', name),
    ) as [string, string];
    for (const path of [left, abandoned]) await writeFile(path, 'half');
    await utimes(abandoned, 0, 0);
    await machine.build({ cacheTo: [{ type: 'local', destination: place, mode: 'max' }] });
    expect((await readdir(join(place, 'blobs/sha256'))).toSorted()).toEqual(whole.toSorted());
    const { result } = await (await openMachine()).build({ cacheFrom: [{ type: 'local', source: place }] });
    expect(result.steps).toEqual({ ran: 0, cached: 4 });
  });

  test('that is cancelled can be had from the next build', async () => {
    const machine = await openMachine();
    const place = join(await tempFolder(), 'cache');
    const cacheTo = [{ type: 'local' as const, destination: place, mode: 'max' as const }];
    const abort = new AbortController();
    const cancel = (event: BuildEvent): void => (event.type === 'export' ? abort.abort() : undefined);
    await expect(machine.build({ cacheTo }, abort.signal, cancel)).rejects.toMatchObject({
      code: 'CANCELLED',
    });
    await machine.build({ cacheTo });
    const { result } = await (await openMachine()).build({ cacheFrom: [{ type: 'local', source: place }] });
    expect(result.steps).toEqual({ ran: 0, cached: 4 });
  });

  test('into a folder that holds something else is refused, and no tag moves', async () => {
    const place = await tempFolder();
    await writeFile(join(place, 'notes.txt'), 'mine');
    const machine = await openMachine();
    const cacheTo = [{ type: 'local' as const, destination: place }];
    await expect(machine.build({ tags: ['app'], cacheTo })).rejects.toMatchObject({ code: 'CONFLICT' });
    expect(machine.store.tags.list()).toEqual([]);
    expect(await readdir(place)).toEqual(['notes.txt']);
  });

  test('gives the same bytes for the same steps', async () => {
    const { place, machine } = await exported('archive', 'max');
    const again = join(await tempFolder(), 'again.tar');
    await machine.build({ cacheTo: [{ type: 'archive', destination: again, mode: 'max' }] });
    expect(Buffer.compare(await readFile(again), await readFile(place))).toBe(0);
  });
});

async function writeForeign(place: string): Promise<void> {
  const machine = await openBuildBench({ Dockerfile: 'FROM scratch\nLABEL a=b\n' });
  const { image } = await machine.build();
  const entry = image.descriptor;
  await writeFile(join(place, 'index.json'), JSON.stringify({ schemaVersion: 2, manifests: [entry] }));
  await mkdir(join(place, 'blobs/sha256'), { recursive: true });
  await writeFile(
    join(place, 'blobs/sha256', entry.digest.slice(7)),
    await machine.store.blobs.read(entry.digest),
  );
}

/** The path of the blob that has these bytes. */
async function blobWith(place: string, text: string): Promise<string> {
  const folder = join(place, 'blobs/sha256');
  for (const name of await readdir(folder)) {
    if ((await readFile(join(folder, name), 'latin1')).includes(text)) return join(folder, name);
  }
  throw new Error(`no blob has ${text}`);
}
