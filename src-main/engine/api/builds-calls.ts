import {
  buildRequestSchema,
  forecastRequestSchema,
  type BuildEvent,
  type BuildRequest,
  type BuildResult,
} from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { isEngineError } from '../../contract/errors.ts';
import { forecastBuild } from '../build/forecast/forecast-build.ts';
import type { RunBuild } from '../build/prove/build-once.ts';
import { proveBuild } from '../build/prove/prove-build.ts';
import { runBuild, type BuildDeps, type BuildOptions } from '../build/run-build.ts';
import type { BuildRecords } from '../history/build-records.ts';
import type { RecordedEnd } from '../history/record-recorder.ts';
import { diagnoseDockerfile } from './diagnose-dockerfile.ts';

/** The builds that run now: how many, and a way to end them all. */
export interface RunningBuilds {
  readonly count: () => number;
  /** Aborts every running build and waits until each has cleaned up after itself. */
  stop(): Promise<void>;
}

/** The `builds` area, with a count of what runs for the status bar. Every build leaves a record, a proof two. */
export function createBuildsCalls(
  deps: BuildDeps,
  records: BuildRecords,
  onCount: (running: number) => void,
): { readonly calls: EngineApi['builds']; readonly running: RunningBuilds } {
  const running = new Map<Promise<unknown>, AbortController>();
  const whileCounted = async <T>(
    given: AbortSignal | undefined,
    start: (signal: AbortSignal) => Promise<T>,
  ): Promise<T> => {
    const abort = new AbortController();
    const build = start(given === undefined ? abort.signal : AbortSignal.any([abort.signal, given]));
    running.set(build, abort);
    onCount(running.size);
    try {
      return await build;
    } finally {
      running.delete(build);
      onCount(running.size);
    }
  };
  const run: EngineApi['builds']['run'] = (params, { signal: given, onProgress = ignore } = {}) => {
    const request = buildRequestSchema.parse(params);
    return whileCounted(given, (signal) =>
      runRecorded(request, deps, records, { signal, onEvent: onProgress }),
    );
  };
  const prove: EngineApi['builds']['prove'] = (params, { signal: given, onProgress = ignore } = {}) => {
    const request = buildRequestSchema.parse(params);
    const onEvent = (build: 1 | 2, event: BuildEvent): void => onProgress({ build, event });
    const run: RunBuild = (plain, own, options) => runRecorded(plain, own, records, options);
    return whileCounted(given, (signal) => proveBuild(request, deps, { signal, onEvent, run }));
  };
  return {
    calls: {
      run,
      prove,
      forecast: (params, options) => forecastBuild(forecastRequestSchema.parse(params), deps, options),
      check: (params) => diagnoseDockerfile(deps.store, params),
    },
    running: { count: () => running.size, stop: () => stopAll(running) },
  };
}

/** Runs the build and writes down what it says, as it says it. */
async function runRecorded(
  request: BuildRequest,
  deps: BuildDeps,
  records: BuildRecords,
  { onEvent = ignore, ...options }: BuildOptions,
): Promise<BuildResult> {
  const recorder = records.begin(request);
  onEvent({ type: 'record', id: recorder.id });
  try {
    const built = await runBuild(request, deps, {
      ...options,
      onFact: (fact) => recorder.note(fact),
      onEvent: (event) => {
        recorder.note({ type: 'event', event });
        onEvent(event);
      },
    });
    const result = { ...built, record: recorder.id };
    await recorder.end({ status: 'succeeded', result });
    return result;
  } catch (error) {
    await recorder.end(endOf(error));
    throw error;
  }
}

/** What is no EngineError is a defect: its text goes to the log file only. */
function endOf(error: unknown): RecordedEnd {
  if (isEngineError(error, 'CANCELLED')) return { status: 'cancelled' };
  if (!isEngineError(error)) {
    return { status: 'failed', error: { code: 'INTERNAL', message: 'the build met a defect in Varve' } };
  }
  const { code, message, hint, location, excerpt } = error;
  return { status: 'failed', error: { code, message, hint, location, excerpt } };
}

async function stopAll(running: ReadonlyMap<Promise<unknown>, AbortController>): Promise<void> {
  for (const abort of running.values()) abort.abort();
  await Promise.allSettled(running.keys());
}

function ignore(): void {}
