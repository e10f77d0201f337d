import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, nat, record, tuple, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import type { Forecast } from '../../../src-main/contract/builds-api.ts';
import type { Store } from '../../../src-main/engine/store/store.ts';
import { tempFolder, tempStore } from '../support/temp-store.ts';
import { openBuildBench, type BuildBench } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

/** One state of a project, out of few enough that states come back. */
interface ProjectState {
  readonly stages: readonly { readonly base: string; readonly lines: readonly string[] }[];
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly value: string | undefined;
  readonly noCache: boolean;
  readonly noCacheFilter: readonly string[];
  /** On which machine it is built: one writes its cache for the other, which has none of its own at first. */
  readonly machine: 'first' | 'writing' | 'other';
  readonly base: string;
}

const line = constantFrom(
  'COPY a /x/',
  'COPY a b /x/',
  'COPY . /all',
  'COPY --link a /linked',
  'COPY ./a /x/',
  'COPY --from=first /x /y',
  'COPY <<EOF /doc\n$V\nEOF',
  'WORKDIR /w',
  'WORKDIR sub',
  'ARG V=0',
  'ENV E=1',
  'ENV E=2',
  'LABEL l=$V',
  'USER 7',
  'RUN true',
  'RUN write f 1',
  'RUN write f 2',
  'RUN write x/a 1',
  'RUN --mount=type=bind,target=/in true',
  'RUN --mount=type=bind,from=first,target=/in write g 1',
  'RUN --mount=type=bind,from=first,source=/x,target=/in write g 2',
  'RUN --mount=type=bind,from=base:1,source=/b,target=/in write g 3',
  'RUN --mount=type=bind,source=d,target=/in write g 4',
  'RUN --mount=type=secret,id=s,mode=0444 write s 1',
  'COPY --from=base:1 /b /c',
  'COPY --chown=1 --chmod=700 a /x/',
);
const stage = record({
  base: constantFrom('scratch', 'scratch', 'first', 'base:1'),
  lines: array(line, { minLength: 1, maxLength: 5 }),
});
const content = constantFrom('1', '2');
const project: Arbitrary<ProjectState> = record({
  stages: array(stage, { minLength: 1, maxLength: 2 }),
  files: record({ a: content, b: content, 'd/c': constantFrom('1', undefined) }),
  value: constantFrom(undefined, '1', '2'),
  noCache: constantFrom(false, false, false, false, true),
  noCacheFilter: constantFrom([], [], [], ['first'], ['1']),
  machine: constantFrom('first', 'first', 'writing', 'other'),
  base: content,
});

/** A walk between few Dockerfiles, with other files and values each time. */
const edits = tuple(
  array(project, { minLength: 3, maxLength: 3 }),
  array(nat(8), { minLength: 4, maxLength: 9 }),
).map(([states, steps]) =>
  steps.map((at) => {
    const [one, other] = [states[at % 3], states[Math.floor(at / 3)]] as [ProjectState, ProjectState];
    return { ...other, stages: one.stages };
  }),
);

function dockerfileOf({ stages }: ProjectState): string {
  const first = 'FROM scratch AS first\nCOPY --link keep /x/a\n';
  return stages.reduce((text, { base, lines }) => `${text}FROM ${base}\n${lines.join('\n')}\n`, first);
}

interface Machine {
  readonly bench: BuildBench;
  readonly store: Store;
}

async function openMachine(): Promise<Machine> {
  const store = await tempStore();
  return { store, bench: await openBuildBench({ keep: '' }, { store, sandbox: scriptedSandbox(store) }) };
}

/** Makes the context and the base what they are in this state. */
async function enter({ bench }: Machine, state: ProjectState): Promise<void> {
  await bench.write({ b: state.base });
  await bench.build({ dockerfileText: 'FROM scratch\nCOPY b /b\n', tags: ['base:1'] });
  await bench.write({ Dockerfile: dockerfileOf(state), 'd/keep': '' });
  for (const [path, text] of Object.entries(state.files)) {
    if (text === undefined) await rm(join(bench.context, path), { force: true });
    else await bench.write({ [path]: text });
  }
}

/** What was said of steps that then did otherwise. */
async function contradictions(
  { bench }: Machine,
  { value, noCache, noCacheFilter, machine }: ProjectState,
  place: string,
): Promise<readonly Forecast['steps'][number][]> {
  const request = {
    buildArgs: value === undefined ? {} : { V: value },
    noCache,
    noCacheFilter: [...noCacheFilter],
    cacheFrom: machine === 'other' ? [{ type: 'local' as const, source: place }] : [],
    cacheTo:
      machine === 'writing' ? [{ type: 'local' as const, destination: place, mode: 'max' as const }] : [],
  };
  const { steps } = await bench.forecast({ ...request, thorough: true });
  const built = await bench.build(request).then(
    ({ events }) => events,
    () => [],
  );
  const outcome = new Map(
    built.flatMap((event) => (event.type === 'step-end' ? [[event.step, event.outcome] as const] : [])),
  );
  return steps.filter(({ step, forecast }) => {
    const ended = outcome.get(step);
    if (ended === undefined || forecast === 'unknown') return false;
    return ended !== (forecast === 'run' ? 'ran' : 'cached');
  });
}

test('is never contradicted by the build that follows, through any edits of Dockerfile, files and arguments', async () => {
  await assert(
    asyncProperty(edits, async (states) => {
      const [first, other] = [await openMachine(), await openMachine()];
      await using _stores = new AsyncDisposableStack();
      for (const { store } of [first, other]) _stores.use(store);
      const place = join(await tempFolder(), 'cache');
      for (const state of states) {
        const machine = state.machine === 'other' ? other : first;
        await enter(machine, state);
        expect(await contradictions(machine, state, place)).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['FORECAST_RUNS'] ?? 5) },
  );
});
