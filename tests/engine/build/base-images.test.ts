import { expect, test } from 'vitest';
import { buildRequestSchema } from '../../../src-main/contract/builds-api.ts';
import { runBuild, type BuildDeps } from '../../../src-main/engine/build/run-build.ts';
import { EngineError } from '../../../src-main/contract/errors.ts';
import { silentLog } from '../../../src-main/engine/log.ts';
import { openBuildBench, type BuildBench } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

const DOCKERFILE = `FROM one:1 AS a
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

async function openBench(): Promise<BuildBench> {
  const bench = await openBuildBench({ Base: 'FROM scratch\nCOPY b /\n', b: 'b', Dockerfile: DOCKERFILE });
  await bench.build({ dockerfile: `${bench.context}/Base` });
  return bench;
}

/** Builds with images from afar, which arrive as `resolve` has it. */
function build({ store, context }: BuildBench, resolveBase: NonNullable<BuildDeps['resolveBase']>) {
  const deps: BuildDeps = { store, sandbox: scriptedSandbox(store), log: silentLog, resolveBase };
  return runBuild(buildRequestSchema.parse({ context }), deps);
}

test('the base images of all needed stages are fetched side by side, each once, and no others', async () => {
  const bench = await openBench();
  const { image } = await bench.build({ dockerfile: `${bench.context}/Base` });
  const asked: string[] = [];
  const both = Promise.withResolvers<void>();
  await build(bench, async (name) => {
    asked.push(name);
    if (asked.length === 2) both.resolve();
    await both.promise;
    return image;
  });
  expect(asked.toSorted()).toEqual(['one:1', 'two:1']);
});

test('one that is not there ends the fetching of the others', async () => {
  const bench = await openBench();
  const ended: string[] = [];
  const building = build(bench, async (name, _platform, { signal }) => {
    if (name === 'one:1') throw new EngineError('NOT_FOUND', 'no such image');
    await new Promise((resolve) => signal?.addEventListener('abort', resolve, { once: true }));
    ended.push(name);
    return undefined;
  });
  await expect(building).rejects.toMatchObject({ code: 'NOT_FOUND', location: { line: 8 } });
  expect(ended).toEqual(['two:1']);
});
