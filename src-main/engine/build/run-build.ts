import { availableParallelism } from 'node:os';
import type { BuildEvent, BuildRequest, BuildResult } from '../../contract/builds-api.ts';
import { cancelled, EngineError, isEngineError } from '../../contract/errors.ts';
import { CHECK_ARGUMENT, readCheckOptions } from '../dockerfile/check-options.ts';
import { checkDockerfile } from '../dockerfile/check-dockerfile.ts';
import type { BaseImage } from '../dockerfile/evaluate-stage.ts';
import type { Dockerfile } from '../dockerfile/dockerfile.ts';
import { createExcerpts, type Excerpts } from '../dockerfile/excerpts.ts';
import { parseDockerfile } from '../dockerfile/parse-dockerfile.ts';
import { readToc } from '../filetree/read-toc.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { Image } from '../image/image.ts';
import { writeImage } from '../image/write-image.ts';
import { formatPlatform, hostPlatform } from '../oci/platform.ts';
import { familiarReference, parseReference, type Reference } from '../oci/reference.ts';
import type { Moment } from '../store/store.ts';
import type { BuildDeps, BuildFact, BuildOptions, BuildRun } from './build-run.ts';
import { buildScope } from './build-scope.ts';
import { BuildSources } from './build-sources.ts';
import { createFreshCache } from './cache/fresh-cache.ts';
import { buildName } from './explain/build-name.ts';
import { Explainer } from './explain/explainer.ts';
import { openLayerCache, type LayerCache } from './cache/layer-cache.ts';
import { unknownStages } from './cache/why-uncached.ts';
import { createOwnCache } from './cache/own-cache.ts';
import { CacheLog } from './cache/transfer/cache-log.ts';
import { exportCache } from './cache/transfer/export-cache.ts';
import { importedCache } from './cache/transfer/imported-cache.ts';
import type { CacheSource } from './cache/transfer/open-cache-source.ts';
import { noteCreated } from './cache/transfer/note-created.ts';
import { openCacheSources } from './cache/transfer/open-cache-sources.ts';
import { readIgnorePatterns } from './context/context-source.ts';
import { readHostFile } from './context/read-host-file.ts';
import { listBases } from './list-bases.ts';
import { listStages } from './list-stages.ts';
import { listSteps } from './list-steps.ts';
import { BasePulls } from './base-pulls.ts';
import { namedSource, type NamedSourceParts } from './named-source.ts';
import { imageDocument } from './output/image-document.ts';
import { reportExport } from './output/report-export.ts';
import { writeOutputs } from './output/write-outputs.ts';
import { openSshAgents } from './open-ssh-agents.ts';
import { planBuild } from './plan/plan-build.ts';
import type { BuildPlan } from './plan/planned-stage.ts';
import { readBuildFile, type BuildFile } from './read-build-file.ts';
import { runStage } from './run-stage.ts';
import { checkSecrets } from './secrets.ts';
import { splitVariable, type StageState } from './stage-state.ts';
import { createWorkLimits } from './work-limits.ts';

export type { BuildDeps, BuildFact, BuildOptions } from './build-run.ts';

/**
 * Runs one build to its end: reads the Dockerfile, plans, runs the stages that the target needs, writes the image and
 * moves the tags, all of them at once and only then. On failure or cancellation no tag has moved, every process of
 * the build has ended and nothing but cache records stays behind.
 */
export async function runBuild(
  request: BuildRequest,
  deps: BuildDeps,
  options: BuildOptions = {},
): Promise<BuildResult> {
  await using agents = await openSshAgents(request.ssh);
  await using build = await Build.open({ ...request, ssh: agents.ssh }, deps, options);
  return await build.run();
}

class Build implements AsyncDisposable {
  private readonly request: BuildRequest;
  readonly deps: BuildDeps;
  private readonly file: BuildFile;
  private readonly references: readonly Reference[];
  readonly sources: BuildSources;
  private readonly lease: ReturnType<BuildDeps['store']['lease']>;
  private readonly startedMs: number;
  private readonly began: Moment;
  private readonly abort = new AbortController();
  private readonly signal: AbortSignal;
  private readonly stages = new Map<number, Promise<StageState>>();
  private imported: readonly CacheSource[] = [];
  private readonly counts = { ran: 0, cached: 0 };
  private readonly listener: (event: BuildEvent) => void;
  private readonly isKept: boolean | undefined;
  private readonly note: (fact: BuildFact) => void;
  private readonly trace: BuildOptions['trace'];
  private readonly ended = new Set<string>();
  private readonly excerpts: Excerpts;
  private readonly pulls: BasePulls;
  private bases: BuildResult['bases'] = [];
  private failure: unknown;
  private explainer: Explainer | undefined;

  private constructor(
    request: BuildRequest,
    deps: BuildDeps,
    options: BuildOptions,
    parts: { file: BuildFile; references: readonly Reference[]; sources: BuildSources; began: Moment },
  ) {
    this.request = request;
    this.deps = deps;
    this.file = parts.file;
    this.excerpts = createExcerpts(parts.file.text, parts.file.file);
    this.references = parts.references;
    this.sources = parts.sources;
    this.startedMs = deps.clock?.() ?? Date.now();
    this.began = parts.began;
    this.signal =
      options.signal === undefined ? this.abort.signal : AbortSignal.any([options.signal, this.abort.signal]);
    this.listener = options.onEvent ?? (() => undefined);
    this.isKept = options.isKept;
    this.note = options.onFact ?? (() => undefined);
    this.trace = options.trace;
    this.lease = deps.store.lease('build');
    this.pulls = new BasePulls({
      deps,
      pull: request.pull,
      signal: this.signal,
      emit: (event) => this.emit(event),
      protect: (digests) => this.lease.add(digests),
    });
  }

  /** Refuses what can be refused before anything is done. */
  static async open(request: BuildRequest, deps: BuildDeps, options: BuildOptions): Promise<Build> {
    if (options.signal?.aborted === true) throw cancelled('the build');
    const began = deps.store.claims.now();
    const references = request.tags.map(parseTag);
    await checkSecrets(request);
    const read = deps.readHostFile ?? readHostFile;
    const dockerfile = request.dockerfile ?? `${request.context}/Dockerfile`;
    const { store, lookAhead } = deps;
    const sources = await BuildSources.create({ request, dockerfile, store, read, lookAhead, isBuilt: true });
    const file = await readBuildFile(request);
    options.onFact?.({ type: 'dockerfile', ...file });
    return new Build(request, deps, options, { file, references, sources, began });
  }

  async run(): Promise<BuildResult> {
    try {
      return await this.build();
    } catch (error) {
      const first = this.failure ?? error;
      if (this.signal.aborted && !this.abort.signal.aborted) throw cancelled('the build');
      throw this.excerpts.addTo(first);
    }
  }

  private async build(): Promise<BuildResult> {
    const dockerfile = parseDockerfile(this.file.text, { file: this.file.file });
    const [wrongOption] = readCheckOptions(
      this.file.text,
      this.file.file,
      this.request.buildArgs[CHECK_ARGUMENT],
    ).errors;
    if (wrongOption !== undefined) throw wrongOption;
    const targetPlatform = this.request.platform ?? hostPlatform();
    const scope = buildScope(this.request, dockerfile, targetPlatform);
    const { signal } = this;
    const openImage: NamedSourceParts['openImage'] = (name, platform) =>
      this.pulls.open(name, platform, { signal });
    const named = { deps: this.deps, sources: this.sources, openImage };
    const plan = await planBuild(dockerfile, {
      request: this.request,
      globalArgs: scope,
      targetPlatform,
      openImage: (name, platform, { signal: own = signal, stage }) =>
        this.pulls.open(name, platform, { stage, signal: AbortSignal.any([own, signal]) }),
      namedContext: (name, platform) => namedSource(named, name, platform, { signal }),
    });
    const steps = listSteps(plan);
    const explainer = new Explainer({
      store: this.deps.store,
      key: buildName(this.request, this.file.path),
      steps,
      stages: plan.stages,
    });
    const movedFrom: Explainer['movedFrom'] = (name, digest) => explainer.movedFrom(name, digest);
    this.note({ type: 'stages', stages: listStages(dockerfile, plan, movedFrom) });
    this.bases = listBases(plan, movedFrom);
    this.emit({ type: 'plan', steps });
    await this.warn(plan, targetPlatform);
    for (const name of unknownStages(this.request, dockerfile))
      this.warnOfCache('NoCacheFilter', `--no-cache-filter ${name}: no stage has that name`);
    this.explainer = explainer;
    this.imported = await this.openCaches();
    const run = this.createRun(plan, dockerfile, scope, explainer);
    const state = await run.stage(plan.target.index);
    return this.finish(run, state);
  }

  private async ignorePatterns(): Promise<readonly string[] | undefined> {
    const { context, contextKind } = this.request;
    return contextKind === 'folder' ? readIgnorePatterns(context, this.file.path) : undefined;
  }

  /** Tells what the build checks find; with `# check=error=true` the first of it ends the build. */
  private async warn(plan: BuildPlan, targetPlatform: BuildRun['targetPlatform']): Promise<void> {
    const bases = baseImages(plan);
    const { warnings, warningsAreErrors } = checkDockerfile(this.file.text, {
      file: this.file.file,
      buildArgs: new Map(Object.entries(this.request.buildArgs)),
      target: this.request.target,
      onlyTarget: true,
      buildPlatform: hostPlatform(),
      targetPlatform,
      ignorePatterns: await this.ignorePatterns(),
      baseImage: (name) => bases.get(name),
    });
    for (const { rule, message, location, focus = location, url } of warnings) {
      const excerpt = this.excerpts.lineOf(focus);
      this.emit({ type: 'warning', warning: { rule, message, location, focus, excerpt, url } });
    }
    const [first] = warnings;
    if (first === undefined || !warningsAreErrors) return;
    throw new EngineError('DOCKERFILE', `${first.rule}: ${first.message}`, {
      location: first.focus ?? first.location,
      hint: this.whyWarningsFail(warnings),
    });
  }

  private whyWarningsFail(warnings: readonly { readonly rule: string }[]): string {
    const isArgument = Object.hasOwn(this.request.buildArgs, CHECK_ARGUMENT);
    const who = isArgument ? `The build argument ${CHECK_ARGUMENT}` : 'The Dockerfile’s "# check="';
    const rules = Array.from(new Set(warnings.map(({ rule }) => rule)));
    return `${who} asks that warnings fail the build (${rules.join(', ')}).`;
  }

  private async openCaches(): Promise<readonly CacheSource[]> {
    const { signal } = this;
    const onRefused = (text: string): void => this.warnOfCache('CacheNotUsed', text);
    const sources = await openCacheSources(this.request.cacheFrom, { signal, onRefused });
    for (const source of sources) noteCreated(this.deps.store, source);
    return sources;
  }

  private openOwnCache(): LayerCache {
    const { store } = this.deps;
    if (this.isKept === false) return createOwnCache(store.claims);
    return openLayerCache(store, (digests) => this.lease.add(digests));
  }

  /** The own cache, and behind it those that were asked for. */
  private withImported(own: LayerCache): LayerCache {
    const { store } = this.deps;
    if (this.imported.length === 0) return own;
    const onBroken = ({ name }: CacheSource, error: EngineError): void =>
      this.warnOfCache('CacheNotUsed', `a layer of the cache in ${name} is not used: ${error.message}`);
    return importedCache(own, this.imported, { store, signal: this.signal, onBroken });
  }

  /** A cache is no part of the Dockerfile: its first line stands for the whole. */
  private warnOfCache(rule: string, message: string): void {
    const location = { file: this.file.file, line: 1, column: 1, endLine: 1, endColumn: 1 };
    this.emit({ type: 'warning', warning: { rule, message, location } });
  }

  private createRun(
    plan: BuildPlan,
    dockerfile: Dockerfile,
    globalArgs: BuildRun['globalArgs'],
    explainer: Explainer,
  ): BuildRun {
    const { request, deps, signal, sources, startedMs } = this;
    const own = this.openOwnCache();
    const cache = this.withImported(own);
    const run: BuildRun = {
      request,
      deps,
      signal,
      sources,
      startedMs,
      globalArgs,
      targetPlatform: request.platform ?? hostPlatform(),
      escape: dockerfile.escape,
      cache,
      freshCache: createFreshCache(own, this.began),
      cacheLog: new CacheLog(),
      explainer,
      emit: (event) => this.emit(event),
      note: this.note,
      failStep: (step) => this.failStep(step),
      pullBegan: (step) => this.pulls.began(step),
      bring: (image, step) => this.pulls.bring(image, step),
      limit: createWorkLimits(availableParallelism()),
      protect: (digests) => this.lease.add(digests),
      rootFs: (layers) => stackRootFs(deps.store, layers, { signal }),
      contentOf: async (layer, onProgress) =>
        (await readToc(deps.store, layer, { signal, onProgress })).contentDigest,
      foresight: undefined,
      trace: this.trace,
      stage: (index) => this.stage(run, plan, index),
    };
    return run;
  }

  /** The first failure ends the other stages. */
  private stage(run: BuildRun, plan: BuildPlan, index: number): Promise<StageState> {
    const known = this.stages.get(index);
    if (known !== undefined) return known;
    const planned = plan.stages.get(index);
    if (planned === undefined) throw new EngineError('INTERNAL', `stage ${index} is not planned`);
    const running = runStage(run, planned).catch((error: unknown) => {
      this.failure ??= error;
      this.abort.abort();
      throw error;
    });
    this.stages.set(index, running);
    running
      .then(({ layers }) => this.trace?.ended(index, { layers, base: planned.base }))
      .catch(() => undefined);
    return running;
  }

  private async finish(run: BuildRun, state: StageState): Promise<BuildResult> {
    const draft = { config: imageDocument(run, state), layers: state.layers };
    const image = await writeImage(this.deps.store, draft, { signal: this.signal, isKept: this.isKept });
    this.lease.add([image.descriptor.digest, image.imageId]);
    await writeOutputs(run, state, image.descriptor.digest);
    for (const to of this.request.cacheTo) {
      const onProgress = reportExport(run.emit, `writing the cache to ${to.destination}`);
      const document = run.cacheLog.document(to.mode, state.layers);
      await exportCache(this.deps.store, document, to, { signal: this.signal, onProgress });
    }
    await this.sources.remember();
    if (this.signal.aborted) throw cancelled('the build');
    const moves = this.references.map((reference) => ({ reference, digest: image.descriptor.digest }));
    const events = moves.length === 0 ? [] : this.deps.store.tags.move(moves, 'build');
    const moved = events.flatMap(({ name, from }) =>
      from === undefined ? [] : [{ name: familiarReference(parseReference(name)), from }],
    );
    const result = { ...describeImage(image), ...this.summary(), moved, bases: this.bases };
    this.deps.log.info(
      { digest: result.digest, steps: result.steps, durationMs: result.durationMs },
      'built',
    );
    return result;
  }

  private summary(): Pick<BuildResult, 'tags' | 'durationMs' | 'steps'> {
    const now = this.deps.clock?.() ?? Date.now();
    return {
      tags: this.references.map(familiarReference),
      durationMs: now - this.startedMs,
      steps: { ...this.counts },
    };
  }

  /** A step may fail before it has properly begun: a file that it needs is not there. */
  private failStep(step: string): void {
    if (this.ended.has(step) || step.endsWith('.0')) return;
    const at = new Date(this.deps.clock?.() ?? Date.now()).toISOString();
    const outcome = this.signal.aborted ? 'cancelled' : 'failed';
    this.emit({ type: 'step-start', step, at });
    this.emit({ type: 'step-end', step, at, outcome, durationMs: 0 });
  }

  private emit(event: BuildEvent): void {
    if (event.type === 'step-end') this.ended.add(event.step);
    if (event.type === 'step-end' && event.outcome === 'failed') this.explainer?.fail(event.step);
    if (event.type === 'step-end' && (event.outcome === 'ran' || event.outcome === 'cached')) {
      this.counts[event.outcome] += 1;
    }
    this.listener(event);
  }

  /** For the next build: that they cannot be kept must neither fail this one nor hide why it failed. */
  private keepExplanations(): void {
    try {
      this.explainer?.save();
    } catch (error) {
      if (!isEngineError(error)) throw error;
      this.deps.log.info({ code: error.code }, 'what explains the next build could not be kept');
    }
  }

  /** Waits for every stage that still runs, so that nothing of the build outlives it. */
  async [Symbol.asyncDispose](): Promise<void> {
    this.abort.abort();
    await Promise.allSettled([...this.stages.values(), this.pulls.settle()]);
    if (this.isKept !== false) this.keepExplanations();
    try {
      await this.sources.close();
    } finally {
      this.lease.release();
    }
  }
}

/** What the checks want to know of the images that stages start from. */
function baseImages(plan: BuildPlan): ReadonlyMap<string, BaseImage> {
  const images = new Map<string, BaseImage>();
  for (const { base } of plan.stages.values()) {
    if (base.kind !== 'image') continue;
    const { config, platform } = base.image;
    images.set(base.reference, {
      platform: formatPlatform(platform),
      environment: new Map((config.config?.Env ?? []).map(splitVariable)),
      shell: config.config?.Shell ?? undefined,
      onbuild: config.config?.OnBuild ?? undefined,
    });
  }
  return images;
}

function parseTag(text: string): Reference {
  const reference = parseReference(text);
  if (reference.digest === undefined) return reference;
  throw new EngineError('INVALID_INPUT', `${text} names a digest and cannot be a tag`, {
    hint: 'Write name:tag.',
  });
}

function describeImage(
  image: Image,
): Pick<BuildResult, 'imageId' | 'digest' | 'mediaType' | 'platform' | 'sizeBytes'> {
  const { descriptor, imageId, platform, manifest } = image;
  const layerBytes = image.layers.reduce((sum, layer) => sum + layer.descriptor.size, 0);
  return {
    imageId,
    digest: descriptor.digest,
    mediaType: descriptor.mediaType,
    platform,
    sizeBytes: layerBytes + manifest.config.size + descriptor.size,
  };
}
