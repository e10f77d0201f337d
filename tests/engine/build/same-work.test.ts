import { describe, expect, test } from 'vitest';
import { buildRequestSchema, type BuildEvent } from '../../../src-main/contract/builds-api.ts';
import { proveBuild } from '../../../src-main/engine/build/prove/prove-build.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { tempStore } from '../support/temp-store.ts';
import { openBuildBench, outcomes, type BuildBench, type BuildRun } from './build-fixture.ts';
import { scriptedSandbox, type ScriptedSandbox } from './scripted-sandbox.ts';

interface Bench extends BuildBench {
  readonly sandbox: ScriptedSandbox;
}

async function openBench(
  files: Readonly<Record<string, string>>,
  during?: (script: string) => Promise<void>,
): Promise<Bench> {
  const store = await tempStore();
  const sandbox = scriptedSandbox(store, during);
  return { ...(await openBuildBench(files, { store, sandbox })), sandbox };
}

/** Holds whoever waits until it is opened. */
function createGate(): { readonly passed: Promise<void>; open: () => void } {
  const { promise, resolve } = Promise.withResolvers<void>();
  return { passed: promise, open: resolve };
}

type Request = Parameters<BuildBench['build']>[0];

function onWaiting(open: () => void): (event: BuildEvent) => void {
  return (event) => {
    if (event.type === 'step-progress' && event.what === 'waiting for another build that does the same')
      open();
  };
}

/** Two builds at once; `open` is called when one of them waits for the other. */
function buildTwice(
  bench: BuildBench,
  open: () => void,
  requests: readonly [Request, Request] = [{}, {}],
): readonly Promise<BuildRun>[] {
  return requests.map((request) => bench.build(request, undefined, onWaiting(open)));
}

const TWINS = `FROM scratch AS a
RUN write same 1
COPY file /file
FROM scratch AS b
RUN write same 1
COPY file /file
FROM scratch
COPY --from=a /same /a
COPY --from=b /same /b
`;

describe('equal stages of one build', () => {
  test.each([{}, { noCache: true }])('do their work once: %o', async (request) => {
    const bench = await openBench({ Dockerfile: TWINS, file: 'x' });
    const { result } = await bench.build(request);
    expect(bench.sandbox.ran).toEqual(['write same 1']);
    expect(result.steps).toEqual({ ran: 4, cached: 2 });
    expect(bench.read).toEqual(['file']);
  });

  test('a stage that says the same twice does it twice with --no-cache', async () => {
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN true\nRUN true\n' });
    await bench.build({ noCache: true });
    expect(bench.sandbox.ran).toEqual(['true', 'true']);
  });
});

describe('builds at the same time', () => {
  test('do equal work once, and say that they wait', async () => {
    const gate = createGate();
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN write f 1\n' }, () => gate.passed);
    const [first, second] = await Promise.all(buildTwice(bench, gate.open));
    expect(bench.sandbox.ran).toEqual(['write f 1']);
    expect(first?.result.digest).toBe(second?.result.digest);
    expect([first, second].map((build) => build?.result.steps.ran).sort()).toEqual([0, 1]);
  });

  test('one whose other fails does it itself', async () => {
    const gate = createGate();
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN write f 1\n' }, async () => {
      if (bench.sandbox.ran.length > 1) return;
      await gate.passed;
      throw new Error('the first fails');
    });
    const ends = await Promise.allSettled(buildTwice(bench, gate.open));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(bench.sandbox.ran).toEqual(['write f 1', 'write f 1']);
  });

  test('that wait for steps of each other both end', async () => {
    const [first, second] = ['write f 1', 'write g 1'];
    const gate = createGate();
    const bench = await openBench(
      {
        A: `FROM scratch AS x\nRUN ${first}\nFROM scratch AS y\nRUN ${second}\nFROM x\nCOPY --from=y /g /\n`,
        B: `FROM scratch AS y\nRUN ${second}\nFROM scratch AS x\nRUN ${first}\nFROM y\nCOPY --from=x /f /\n`,
      },
      async () => {
        if (bench.sandbox.ran.length === 2) gate.open();
        await gate.passed;
      },
    );
    const file = (name: string) => ({ dockerfile: `${bench.context}/${name}` });
    await Promise.all([bench.build(file('A')), bench.build(file('B'))]);
    expect(bench.sandbox.ran.toSorted()).toEqual([first, second]);
  });
});

describe('builds at the same time, of which one has --no-cache', () => {
  const anew = { noCache: true };

  test.for([
    ['both of them', [anew, anew]],
    ['the first', [anew, {}]],
    ['the second', [{}, anew]],
    ['one stage of each', [{ noCacheFilter: ['0'] }, { noCacheFilter: ['0'] }]],
  ] as [string, [Request, Request]][])('do equal work once: %s', async ([, requests]) => {
    const gate = createGate();
    const bench = await openBench(
      { Dockerfile: 'FROM scratch\nCOPY file /\nRUN write f 1\n', file: 'x' },
      () => gate.passed,
    );
    const [first, second] = await Promise.all(buildTwice(bench, gate.open, requests));
    expect(bench.sandbox.ran).toEqual(['write f 1']);
    const ran = [first, second].map((build) => build?.result.steps.ran ?? 0);
    expect(ran[0]! + ran[1]!).toBe(2);
    expect(first?.image.layers).toEqual(second?.image.layers);
  });

  test('take nothing that began before them, and do not wait for it', async () => {
    const [began, over] = [createGate(), createGate()];
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN write f 1\n' }, async () => {
      began.open();
      if (bench.sandbox.ran.length === 1) await over.passed;
    });
    const older = bench.build(anew);
    await began.passed;
    const { result } = await bench.build(anew);
    over.open();
    await older;
    expect([result.steps, bench.sandbox.ran]).toEqual([{ ran: 1, cached: 0 }, ['write f 1', 'write f 1']]);
  });

  test('that began before both are waited for by none of them, and of them one does the work', async () => {
    const [began, over, gate] = [createGate(), createGate(), createGate()];
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN write f 1\n' }, async () => {
      began.open();
      await (bench.sandbox.ran.length === 1 ? over : gate).passed;
    });
    const older = bench.build();
    await began.passed;
    await Promise.all(buildTwice(bench, gate.open, [anew, anew]));
    over.open();
    await older;
    expect(bench.sandbox.ran).toEqual(['write f 1', 'write f 1']);
    expect((await bench.build()).result.steps).toEqual({ ran: 0, cached: 1 });
  });

  test('do twice what a stage says twice, and once for both', async () => {
    const gate = createGate();
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN true\nRUN true\n' }, () => gate.passed);
    await Promise.all(buildTwice(bench, gate.open, [anew, anew]));
    expect(bench.sandbox.ran).toEqual(['true', 'true']);
  });

  test('one whose other fails does it itself', async () => {
    const gate = createGate();
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN write f 1\n' }, async () => {
      if (bench.sandbox.ran.length > 1) return;
      await gate.passed;
      throw new Error('the first fails');
    });
    const ends = await Promise.allSettled(buildTwice(bench, gate.open, [anew, anew]));
    expect(ends.map(({ status }) => status).sort()).toEqual(['fulfilled', 'rejected']);
    expect(bench.sandbox.ran).toEqual(['write f 1', 'write f 1']);
  });

  test('share nothing with the builds of a proof, which share nothing with each other', async () => {
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN write f 1\n' });
    const { context, store, sandbox } = bench;
    const request = buildRequestSchema.parse({ context, reproducible: true });
    const [{ equal }] = await Promise.all([
      proveBuild(request, { store, sandbox, log: silentLog }),
      bench.build({ ...anew, reproducible: true }),
    ]);
    expect([equal, sandbox.ran]).toEqual([true, ['write f 1', 'write f 1', 'write f 1']]);
  });
});

describe('a layer without entries', () => {
  test('leaves the root file system as it was: what follows is the same work', async () => {
    const bench = await openBench({ Dockerfile: 'FROM scratch\nRUN write f 1\nCOPY file /\n', file: 'x' });
    await bench.build();
    await bench.write({ Dockerfile: 'FROM scratch\nRUN true\nRUN write f 1\nRUN true\nCOPY file /\n' });
    const { events } = await bench.build();
    expect(outcomes(events).map((line) => line.split(':')[0])).toEqual([
      '0.1 ran',
      '0.2 cached',
      '0.3 ran',
      '0.4 cached',
    ]);
  });

  test('and so does one of the base', async () => {
    const bench = await openBench({
      Base: 'FROM scratch\nRUN write f 1\n',
      Again: 'FROM scratch\nRUN true\nRUN write f 1\nRUN true\n',
      Dockerfile: 'FROM base\nRUN write g 1\n',
    });
    await bench.build({ dockerfile: `${bench.context}/Base`, tags: ['base'] });
    await bench.build();
    await bench.build({ dockerfile: `${bench.context}/Again`, tags: ['base'] });
    expect(outcomes((await bench.build()).events)).toEqual(['0.0 cached', '0.1 cached']);
  });
});

test('a parent that was made anew with the same content is hit again below it', async () => {
  const bench = await openBench({ Dockerfile: 'FROM scratch AS a\nRUN write f 1\nFROM a\nRUN write g 1\n' });
  await bench.build();
  const { events } = await bench.build({ noCacheFilter: ['a'] });
  expect(outcomes(events)).toEqual([
    '0.1 ran: the cache was not asked for this stage (--no-cache-filter)',
    '1.1 cached',
  ]);
});
