import type { BuildStep, Forecast, ForecastRequest } from '../../../contract/builds-api.ts';
import { EngineError, isEngineError } from '../../../contract/errors.ts';
import type { Platform } from '../../../contract/oci-types.ts';
import type { Dockerfile } from '../../dockerfile/dockerfile.ts';
import { parseDockerfile } from '../../dockerfile/parse-dockerfile.ts';
import { hostPlatform } from '../../oci/platform.ts';
import { parseReference } from '../../oci/reference.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { BuildDeps, BuildRun } from '../build-run.ts';
import { buildScope } from '../build-scope.ts';
import { BuildSources } from '../build-sources.ts';
import type { LayerCache } from '../cache/layer-cache.ts';
import { CacheLog } from '../cache/transfer/cache-log.ts';
import { readHostFile } from '../context/read-host-file.ts';
import { buildName } from '../explain/build-name.ts';
import { Explainer } from '../explain/explainer.ts';
import { listSteps } from '../list-steps.ts';
import { namedSource, type NamedSourceParts } from '../named-source.ts';
import { openBase } from '../open-base.ts';
import { planBuild, type NamedImage } from '../plan/plan-build.ts';
import type { BuildPlan, StageSource } from '../plan/planned-stage.ts';
import { readBuildFile } from '../read-build-file.ts';
import { createLayerReader, type LayerReader } from './layer-reader.ts';
import { openForecastCache } from './open-forecast-cache.ts';
import { createReadBudget } from './read-budget.ts';
import { missingImage } from './missing-image.ts';
import { foreseeStage } from './foresee-stage.ts';
import { Foresight } from './foresight.ts';

/**
 * What a build of this request would do with each of its steps: the instructions are evaluated as in the build, with
 * the same keys, and nothing runs, is pulled, fetched or written but notes of what was read. Never rejects for the
 * Dockerfile's sake: what is wrong with it is the answer.
 */
export async function forecastBuild(
  request: ForecastRequest,
  deps: BuildDeps,
  options: LongOptions = {},
): Promise<Forecast> {
  const file = await readBuildFile(request);
  const { resolveBase: _pull, ...local } = deps;
  const given = deps.readHostFile ?? readHostFile;
  const read = request.thorough ? given : createReadBudget(given);
  const dockerfile = request.dockerfile ?? `${request.context}/Dockerfile`;
  const { store, lookAhead } = deps;
  const sources = await BuildSources.create({ request, dockerfile, store, read, lookAhead, isBuilt: false });
  const parts = { request, deps: local, sources, dockerfilePath: file.path, signal: options.signal };
  try {
    return await forecastParsed(parts, parseDockerfile(file.text, { file: file.file }));
  } catch (error) {
    if (!isEngineError(error) || error.code === 'CANCELLED' || error.code === 'INTERNAL') throw error;
    const { message, location } = error;
    return {
      steps: [],
      contextEntries: 0,
      problem: { message, ...(location === undefined ? {} : { location }) },
    };
  } finally {
    await sources.close();
  }
}

interface Parts {
  readonly request: ForecastRequest;
  readonly deps: BuildDeps;
  readonly sources: BuildSources;
  readonly dockerfilePath: string;
  readonly signal: AbortSignal | undefined;
}

async function forecastParsed(parts: Parts, dockerfile: Dockerfile): Promise<Forecast> {
  const { request, sources } = parts;
  const targetPlatform = request.platform ?? hostPlatform();
  const globalArgs = buildScope(request, dockerfile, targetPlatform);
  const plan = await planBuild(dockerfile, {
    request,
    globalArgs,
    targetPlatform,
    openImage: (name, platform) => openLocal(parts, name, platform),
    namedContext: (name, platform) => openNamed(parts, name, platform),
  });
  const steps = listSteps(plan);
  const { store } = parts.deps;
  const { cache, mayImport, findLayer } = await openForecastCache(store, request, parts);
  const layers = createLayerReader(store, { ...parts, thorough: request.thorough, findLayer });
  const run = createRun(parts, { plan, dockerfile, globalArgs, steps, layers, cache, mayImport });
  for (const index of plan.stages.keys()) await run.stage(index);
  return {
    steps: steps.map((step) => toForecast(step, run)),
    contextEntries: await sources.contextEntries(),
    ...(layers.isReading() ? { isPartial: true } : {}),
  };
}

/** A base that is not here may be any: it is not pulled for a forecast. So may be one that `--pull` asks for anew. */
async function openLocal(
  { deps, request, signal }: Parts,
  name: string,
  platform: Platform,
): Promise<NamedImage> {
  try {
    const named = { name, reference: parseReference(name) };
    return await openBase(deps, named, platform, { signal, pull: request.pull, protect: ignore });
  } catch (error) {
    if (!isEngineError(error, 'NOT_FOUND')) throw error;
    const image = missingImage(platform);
    return { digest: image.descriptor.digest, image };
  }
}

/** An OCI layout is taken into the store when it is built. */
async function openNamed(parts: Parts, name: string, platform: Platform): Promise<StageSource | undefined> {
  const source = parts.sources.find(name);
  if (source?.kind === 'image')
    return {
      kind: 'image',
      reference: source.reference,
      ...(await openLocal(parts, source.reference, platform)),
    };
  if (source?.kind === 'layout') {
    const image = missingImage(platform);
    return { kind: 'image', reference: name, digest: image.descriptor.digest, image };
  }
  const openImage: NamedSourceParts['openImage'] = (other, own) => openLocal(parts, other, own);
  return namedSource({ ...parts, openImage }, name, platform, { signal: parts.signal });
}

interface Planned {
  readonly plan: BuildPlan;
  readonly dockerfile: Dockerfile;
  readonly globalArgs: BuildRun['globalArgs'];
  readonly steps: readonly BuildStep[];
  readonly layers: LayerReader;
  readonly cache: LayerCache;
  readonly mayImport: boolean;
}

function createRun(parts: Parts, planned: Planned): ForecastRun {
  const { plan, dockerfile, globalArgs, steps, layers, cache, mayImport } = planned;
  const { request, deps, sources } = parts;
  const explainer = new Explainer({
    store: deps.store,
    key: buildName(request, parts.dockerfilePath),
    steps,
    stages: plan.stages,
  });
  const foresight = new Foresight({ store: deps.store, layers, cache, mayImport, explainer, request });
  const stages = new Map<number, ReturnType<BuildRun['stage']>>();
  const run: ForecastRun = {
    request,
    deps,
    sources,
    globalArgs,
    cache,
    foresight,
    signal: parts.signal ?? new AbortController().signal,
    startedMs: deps.clock?.() ?? Date.now(),
    targetPlatform: request.platform ?? hostPlatform(),
    escape: dockerfile.escape,
    freshCache: () => cache,
    explainer,
    cacheLog: new CacheLog(),
    emit: ignore,
    note: ignore,
    failStep: ignore,
    pullBegan: () => undefined,
    bring: () => Promise.resolve(false),
    limit: (_kind, work) => work(),
    protect: ignore,
    rootFs: (layers) => foresight.rootFs(layers),
    contentOf: (layer) => foresight.contentOf(layer),
    stage: (index) => {
      const planned = plan.stages.get(index);
      if (planned === undefined) throw new EngineError('INTERNAL', `stage ${index} is not planned`);
      const known = stages.get(index) ?? foreseeStage(run, planned, foresight);
      stages.set(index, known);
      return known;
    },
  };
  return run;
}

interface ForecastRun extends BuildRun {
  readonly foresight: Foresight;
}

function ignore(): void {}

function toForecast(step: BuildStep, run: ForecastRun): Forecast['steps'][number] {
  const { id, stage, instruction, keyword, location } = step;
  const outcome = run.foresight.outcomes.get(id) ?? { forecast: 'unknown' as const };
  const lastMs = run.explainer.lastMs(id);
  return {
    step: id,
    stage,
    instruction,
    keyword,
    location,
    ...outcome,
    ...(lastMs === undefined ? {} : { lastMs }),
  };
}
