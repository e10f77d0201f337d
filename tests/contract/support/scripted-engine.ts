import { engineContract } from '../../../src-main/contract/engine-api.ts';
import type { Engine, EngineApi, EngineEvents } from '../../../src-main/contract/engine-api.ts';
import type { BuildEvent, BuildResult } from '../../../src-main/contract/builds-api.ts';
import { EngineError, cancelled } from '../../../src-main/contract/errors.ts';
import { createApi } from '../../../src-main/rpc/contract-of.ts';

export const DIGEST = `sha256:${'a'.repeat(64)}` as const;

const RESULT: BuildResult = {
  imageId: DIGEST,
  digest: DIGEST,
  mediaType: 'application/vnd.oci.image.manifest.v1+json',
  platform: { os: 'linux', architecture: 'amd64' },
  tags: [],
  moved: [],
  bases: [],
  sizeBytes: 1,
  durationMs: 1,
  steps: { ran: 1, cached: 0 },
};

/**
 * An engine that does what a call's context says, for what only a transport can get wrong:
 * `/lines/N` prints N lines, `/steps/N` starts N steps, `/waits` runs until it is aborted, `/fails` fails at a place.
 */
export function createScriptedEngine(): Engine {
  const listeners = new Set<(event: EngineEvents['imagesChanged']) => void>();
  let runningBuilds = 0;

  const run: EngineApi['builds']['run'] = async ({ context }, options = {}) => {
    const [, kind, count] = context.split('/');
    const tell = (event: BuildEvent): void => options.onProgress?.(event);
    if (kind === 'fails') throw failure();
    if (kind === 'waits') await untilAborted(options.signal);
    for (let index = 0; index < Number(count ?? 0); index += 1) {
      if (kind === 'steps') tell({ type: 'step-start', step: String(index), at: '2026-01-01T00:00:00Z' });
      else tell({ type: 'step-output', step: '0.0', stream: 'stdout', text: `line ${String(index)}\n` });
      if (index % 1000 === 999) await new Promise(setImmediate);
    }
    return RESULT;
  };

  const counted: EngineApi['builds']['run'] = async (params, options) => {
    runningBuilds += 1;
    try {
      return await run(params, options);
    } finally {
      runningBuilds -= 1;
    }
  };

  const nothing = createApi(engineContract, (area, name) => () => {
    throw new EngineError('UNSUPPORTED', `${area}.${name} is not scripted`);
  });
  const api: EngineApi = {
    ...nothing,
    builds: { ...nothing.builds, run: counted },
    images: {
      ...nothing.images,
      list: () => Promise.resolve([]),
      inspect: ({ ref }) =>
        Promise.reject(new EngineError('NOT_FOUND', `There is no image ${ref}.`, { hint: 'Is it myapp?' })),
      tagHistory: () => Promise.reject(new TypeError('undefined is not a secret')),
      untag: () => Promise.resolve({ id: 'not a number' } as never),
      save: () =>
        Promise.reject(Object.assign(new Error('write ENOSPC'), { code: 'ENOSPC', syscall: 'write' })),
    },
    contexts: {
      ...nothing.contexts,
      remember: () => {
        for (const listener of listeners) listener({});
        return Promise.resolve({});
      },
    },
    store: {
      ...nothing.store,
      status: () =>
        Promise.resolve({
          version: '1',
          root: '/r',
          platform: RESULT.platform,
          sandbox: { available: true },
          runningBuilds,
        }),
    },
  };
  return {
    api,
    on: (name, listener) => {
      if (name !== 'imagesChanged') return () => undefined;
      const ours = listener as (event: EngineEvents['imagesChanged']) => void;
      listeners.add(ours);
      return () => void listeners.delete(ours);
    },
    close: () => Promise.resolve(),
  };
}

function failure(): EngineError {
  const location = { file: 'Dockerfile', line: 7, column: 1, endLine: 7, endColumn: 4 };
  return new EngineError('BUILD_FAILED', 'RUN make ended with status 2', { hint: 'See the log.', location });
}

function untilAborted(signal: AbortSignal | undefined): Promise<never> {
  return new Promise((_resolve, reject) => {
    signal?.addEventListener('abort', () => reject(cancelled('the build')), { once: true });
  });
}
