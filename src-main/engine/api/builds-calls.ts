import { buildRequestSchema } from '../../contract/builds-api.ts';
import type { EngineApi } from '../../contract/engine-api.ts';
import { runBuild, type BuildDeps } from '../build/run-build.ts';
import { diagnoseDockerfile } from './diagnose-dockerfile.ts';

/** The builds that run now: how many, and a way to end them all. */
export interface RunningBuilds {
  readonly count: () => number;
  /** Aborts every running build and waits until each has cleaned up after itself. */
  stop(): Promise<void>;
}

/** The `builds` area, with a count of what runs for the status bar. */
export function createBuildsCalls(
  deps: BuildDeps,
  onCount: (running: number) => void,
): { readonly calls: EngineApi['builds']; readonly running: RunningBuilds } {
  const running = new Map<Promise<unknown>, AbortController>();
  const run: EngineApi['builds']['run'] = async (params, options = {}) => {
    const abort = new AbortController();
    const signal =
      options.signal === undefined ? abort.signal : AbortSignal.any([abort.signal, options.signal]);
    const build = runBuild(buildRequestSchema.parse(params), deps, {
      signal,
      onEvent: options.onProgress ?? ignore,
    });
    running.set(build, abort);
    onCount(running.size);
    try {
      return await build;
    } finally {
      running.delete(build);
      onCount(running.size);
    }
  };
  return {
    calls: { run, check: (params) => diagnoseDockerfile(deps.store, params) },
    running: { count: () => running.size, stop: () => stopAll(running) },
  };
}

async function stopAll(running: ReadonlyMap<Promise<unknown>, AbortController>): Promise<void> {
  for (const abort of running.values()) abort.abort();
  await Promise.allSettled(running.keys());
}

function ignore(): void {}
