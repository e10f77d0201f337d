import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { array, assert, asyncProperty, constantFrom, nat, record, tuple, type Arbitrary } from 'fast-check';
import { expect, test } from 'vitest';
import { tempStore } from '../support/temp-store.ts';
import { openBuildBench } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

/** One state of a project, out of few enough that states come back. */
interface ProjectState {
  readonly stages: readonly { readonly base: string; readonly lines: readonly string[] }[];
  readonly files: Readonly<Record<string, string | undefined>>;
  readonly value: string | undefined;
  readonly noCache: boolean;
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
);
const stage = record({
  base: constantFrom('scratch', 'scratch', 'first'),
  lines: array(line, { minLength: 1, maxLength: 5 }),
});
const content = constantFrom('1', '2');
const project: Arbitrary<ProjectState> = record({
  stages: array(stage, { minLength: 1, maxLength: 2 }),
  files: record({ a: content, b: content, 'd/c': constantFrom('1', undefined) }),
  value: constantFrom(undefined, '1', '2'),
  noCache: constantFrom(false, false, false, true),
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

test('is never contradicted by the build that follows, through any edits of Dockerfile, files and arguments', async () => {
  await assert(
    asyncProperty(edits, async (states) => {
      await using store = await tempStore();
      const bench = await openBuildBench({ keep: '' }, { store, sandbox: scriptedSandbox(store) });
      for (const state of states) {
        await bench.write({ Dockerfile: dockerfileOf(state) });
        for (const [path, text] of Object.entries(state.files)) {
          if (text === undefined) await rm(join(bench.context, path), { force: true });
          else await bench.write({ [path]: text });
        }
        const buildArgs = state.value === undefined ? {} : { V: state.value };
        const request = { buildArgs, noCache: state.noCache };
        const { steps } = await bench.forecast(request);
        const built = await bench.build(request).then(
          ({ events }) => events,
          () => [],
        );
        const outcome = new Map(
          built.flatMap((event) => (event.type === 'step-end' ? [[event.step, event.outcome] as const] : [])),
        );
        const wrong = steps.filter(({ step, forecast }) => {
          const ended = outcome.get(step);
          if (ended === undefined || forecast === 'unknown') return false;
          return ended !== (forecast === 'run' ? 'ran' : 'cached');
        });
        expect(wrong).toEqual([]);
      }
    }),
    { numRuns: Number(process.env['FORECAST_RUNS'] ?? 10) },
  );
});
