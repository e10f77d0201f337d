import { describe, expect, test } from 'vitest';
import { buildRequestSchema, type BuildEvent } from '../../../src-main/contract/builds-api.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import type { Digest } from '../../../src-main/contract/oci-types.ts';
import type { RemoteBase } from '../../../src-main/engine/build/build-run.ts';
import { runBuild, type BuildDeps } from '../../../src-main/engine/build/run-build.ts';
import type { Image } from '../../../src-main/engine/image/image.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { familiarReference, parseReference, type Reference } from '../../../src-main/engine/oci/reference.ts';
import { openBuildBench, type BuildBench } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

/** An image as a registry has it, in a store of its own. */
async function remoteImage(content: string): Promise<BuildBench & { readonly image: Image }> {
  const bench = await openBuildBench({ Dockerfile: 'FROM scratch\nCOPY b /\n', b: content });
  return { ...bench, image: (await bench.build()).image };
}

type Remote = Awaited<ReturnType<typeof remoteImage>>;

async function copyBlob(from: Remote, to: BuildBench, digest: Digest): Promise<void> {
  await to.store.blobs.put(await from.store.blobs.read(digest));
}

/** The answer of a registry that has the image: what it says of itself at once, all of it when it is asked for. */
function answer(
  from: Remote,
  to: BuildBench,
  reference: Reference,
  before: () => Promise<void> = () => Promise.resolve(),
): Promise<RemoteBase> {
  const { descriptor, imageId, layers } = from.image;
  const pull = async (): Promise<void> => {
    await before();
    const blobs = [...layers.map((layer) => layer.descriptor.digest), imageId, descriptor.digest];
    for (const digest of blobs) await copyBlob(from, to, digest);
    const { digest, mediaType, size } = descriptor;
    to.store.images.add({ digest, mediaType, sizeBytes: size });
    if (reference.digest === undefined) to.store.tags.move([{ reference, digest }], 'pull');
  };
  return Promise.resolve({ digest: descriptor.digest, image: from.image, pull });
}

interface Options {
  readonly dockerfile?: string;
  readonly pull?: boolean;
  readonly during?: (script: string) => Promise<void>;
  readonly onEvent?: (event: BuildEvent) => void;
}

/** Builds with images from afar, which arrive as `resolve` has it. */
async function build(
  bench: BuildBench,
  resolve: (name: string, reference: Reference, signal: AbortSignal | undefined) => Promise<RemoteBase>,
  { dockerfile, pull = false, during, onEvent }: Options = {},
) {
  if (dockerfile !== undefined) await bench.write({ Dockerfile: dockerfile });
  const { store, context } = bench;
  const resolveBase: BuildDeps['resolveBase'] = (reference, _platform, { signal }) =>
    resolve(familiarReference(reference), reference, signal);
  const deps = { store, sandbox: scriptedSandbox(store, during), log: silentLog, resolveBase };
  const events: BuildEvent[] = [];
  const result = await runBuild(buildRequestSchema.parse({ context, pull }), deps, {
    onEvent: (event) => {
      events.push(event);
      onEvent?.(event);
    },
  });
  return { result, events };
}

function basesOf(events: readonly BuildEvent[]): readonly object[] {
  return events.flatMap(({ type, ...event }) => (type === 'base' ? [event] : []));
}

function unreachable(): Promise<never> {
  return Promise.reject(new EngineError('REGISTRY', 'cannot reach registry'));
}

function neverAsked(): Promise<never> {
  return Promise.reject(new Error('no registry is to be asked'));
}

const SEVERAL = `FROM one:1 AS a
RUN write a 1
FROM two:1 AS b
FROM one:1
COPY --from=a /a /
COPY --from=b /b /
FROM three:1 AS unneeded
FROM one:1
COPY --from=a /a /
COPY --from=b /b /
`;

describe('the images that a build starts from', () => {
  test('are asked for side by side, each once, and no others', async () => {
    const remote = await remoteImage('b');
    const bench = await openBuildBench();
    const asked: string[] = [];
    const both = Promise.withResolvers<void>();
    const resolve = async (name: string, reference: Reference): Promise<RemoteBase> => {
      asked.push(name);
      if (asked.length === 2) both.resolve();
      await both.promise;
      return answer(remote, bench, reference);
    };
    const { result } = await build(bench, resolve, { dockerfile: SEVERAL });
    const { digest } = remote.image.descriptor;
    expect(asked.toSorted()).toEqual(['one:1', 'two:1']);
    expect(result.bases).toEqual([
      { name: 'one:1', digest },
      { name: 'two:1', digest },
    ]);
  });

  test('are asked for no more when one of them is not there', async () => {
    const bench = await openBuildBench();
    const ended: string[] = [];
    const resolve = async (name: string, _: Reference, signal: AbortSignal | undefined) => {
      if (name === 'one:1') throw new EngineError('NOT_FOUND', 'no such image');
      await new Promise((end) => signal?.addEventListener('abort', end, { once: true }));
      ended.push(name);
      throw new EngineError('CANCELLED', 'cancelled');
    };
    const building = build(bench, resolve, { dockerfile: SEVERAL });
    await expect(building).rejects.toMatchObject({ code: 'NOT_FOUND', location: { line: 8 } });
    expect(ended).toEqual(['two:1']);
  });

  test('hold up only the stage that needs them: others run while layers still come', async () => {
    const [one, two] = [await remoteImage('1'), await remoteImage('2')];
    const bench = await openBuildBench();
    const ran = Promise.withResolvers<void>();
    const { events } = await build(
      bench,
      (name, reference) =>
        name === 'one:1' ? answer(one, bench, reference) : answer(two, bench, reference, () => ran.promise),
      {
        dockerfile: 'FROM one:1 AS a\nRUN write a 1\nFROM two:1\nCOPY --from=a /a /\n',
        during: () => Promise.resolve(ran.resolve()),
      },
    );
    const ends = events.flatMap((event) => (event.type === 'step-end' ? [event.step] : []));
    expect(ends).toEqual(['0.0', '0.1', '1.0', '1.1']);
  });

  test('are waited for by a COPY that takes from one', async () => {
    const remote = await remoteImage('from afar');
    const bench = await openBuildBench();
    const resolve = (_: string, reference: Reference) =>
      answer(remote, bench, reference, () => new Promise((done) => setImmediate(done)));
    const { result } = await build(bench, resolve, {
      dockerfile: 'FROM scratch\nCOPY --from=one:1 /b /c\n',
    });
    expect(result.bases).toEqual([{ name: 'one:1', digest: remote.image.descriptor.digest }]);
  });

  test('that cannot be brought whole fail their FROM, in its place', async () => {
    const remote = await remoteImage('b');
    const bench = await openBuildBench();
    const events: BuildEvent[] = [];
    const building = build(bench, (_, reference) => answer(remote, bench, reference, unreachable), {
      dockerfile: 'ARG A\nFROM one:1\n',
      onEvent: (event) => events.push(event),
    });
    await expect(building).rejects.toMatchObject({ code: 'REGISTRY', location: { line: 2 } });
    const ended = events.filter(({ type }) => type === 'step-end');
    expect(ended).toMatchObject([{ step: '0.0', outcome: 'failed' }]);
    expect([bench.store.images.list(), bench.store.tags.list()]).toEqual([[], []]);
  });
});

describe('a tag', () => {
  test('is one image throughout a build, however it is written and whatever becomes of it', async () => {
    const [older, newer] = [await remoteImage('old'), await remoteImage('new')];
    const bench = await openBuildBench();
    const asked: (string | undefined)[] = [];
    const resolve = (_: string, reference: Reference): Promise<RemoteBase> => {
      asked.push(reference.digest);
      const isFirst = asked.length === 1 || reference.digest === older.image.descriptor.digest;
      return answer(isFirst ? older : newer, bench, reference);
    };
    const dockerfile = 'FROM one AS a\nFROM docker.io/library/one:latest\nCOPY --from=a /b /c\n';
    const { result } = await build(bench, resolve, { dockerfile });
    const { digest } = older.image.descriptor;
    expect(asked).toEqual([undefined, digest]);
    expect(result.bases.map((base) => base.digest)).toEqual([digest, digest]);
  });

  test('that is here is taken without asking any registry', async () => {
    const remote = await remoteImage('b');
    const bench = await openBuildBench();
    await build(bench, (_, reference) => answer(remote, bench, reference), { dockerfile: 'FROM one:1\n' });
    const { result, events } = await build(bench, neverAsked);
    const { digest } = remote.image.descriptor;
    expect(basesOf(events)).toEqual([{ step: '0.0', name: 'one:1', digest }]);
    expect(result.steps).toEqual({ ran: 0, cached: 1 });
  });

  test('is asked for again with --pull, and it is told from where it has moved since the build before', async () => {
    const [older, newer] = [await remoteImage('old'), await remoteImage('new')];
    const bench = await openBuildBench();
    await build(bench, (_, reference) => answer(older, bench, reference), { dockerfile: 'FROM one:1\n' });
    const resolve = (_: string, reference: Reference) => answer(newer, bench, reference);
    const { result, events } = await build(bench, resolve, { pull: true });
    const [before, digest] = [older.image.descriptor.digest, newer.image.descriptor.digest];
    expect(basesOf(events)).toEqual([{ step: '0.0', name: 'one:1', digest, before }]);
    expect(result.bases).toEqual([{ name: 'one:1', digest, before }]);
    expect(bench.store.tags.get(parseReference('one:1'))?.digest).toBe(digest);
    const again = await build(bench, resolve, { pull: true });
    expect(again.result).toMatchObject({ bases: [{ name: 'one:1', digest }], steps: { ran: 0, cached: 1 } });
  });

  test('that moved without a registry is told of too', async () => {
    const [older, newer] = [await remoteImage('old'), await remoteImage('new')];
    const bench = await openBuildBench();
    await build(bench, (_, reference) => answer(older, bench, reference), { dockerfile: 'FROM one:1\n' });
    await (await answer(newer, bench, parseReference('one:1'))).pull({});
    const { result } = await build(bench, neverAsked);
    const [before, digest] = [older.image.descriptor.digest, newer.image.descriptor.digest];
    expect(result.bases).toEqual([{ name: 'one:1', digest, before }]);
  });

  test('that cannot be asked for with --pull is an error that names what is here', async () => {
    const remote = await remoteImage('b');
    const bench = await openBuildBench();
    await build(bench, (_, reference) => answer(remote, bench, reference), { dockerfile: 'FROM one:1\n' });
    await expect(build(bench, unreachable, { pull: true })).rejects.toMatchObject({
      code: 'REGISTRY',
      message: '--pull cannot ask what one:1 is now: cannot reach registry',
      hint: `one:1 is here as ${remote.image.descriptor.digest}: build without --pull to take that.`,
      location: { line: 1 },
    });
  });

  test('counts nothing beside a digest, which is never asked for when it is here', async () => {
    const [older, newer] = [await remoteImage('old'), await remoteImage('new')];
    const bench = await openBuildBench();
    for (const remote of [older, newer])
      await (await answer(remote, bench, parseReference('one:1'))).pull({});
    const { digest } = older.image.descriptor;
    const dockerfile = `FROM one:1@${digest}\n`;
    const { result } = await build(bench, neverAsked, { dockerfile, pull: true });
    expect(result.bases).toEqual([{ name: `one:1@${digest}`, digest }]);
  });

  test('may be any image to a forecast with --pull', async () => {
    const remote = await remoteImage('b');
    const bench = await openBuildBench();
    await build(bench, (_, reference) => answer(remote, bench, reference), { dockerfile: 'FROM one:1\n' });
    const why = { kind: 'unknown', text: 'a build asks its registry what it is now (--pull)' };
    expect((await bench.forecast({ pull: true })).steps).toMatchObject([{ forecast: 'unknown', why }]);
    expect((await bench.forecast()).steps).toMatchObject([{ forecast: 'cached' }]);
  });
});
