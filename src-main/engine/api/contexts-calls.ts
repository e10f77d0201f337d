import type { EngineApi } from '../../contract/engine-api.ts';
import { mostWatches } from '../build/context/most-watches.ts';
import { watchContext } from '../build/context/watch-context.ts';
import { inspectContext } from '../build/inspect-context.ts';
import { readDockerfile, writeDockerfile } from './dockerfile-file.ts';
import { openRecentContexts } from './recent-contexts.ts';
import { listSamples, openSample } from './samples.ts';

/** The `contexts` area: folders on the host that a build takes its files from, and their Dockerfiles. */
export function createContextsCalls(root: string, samplesFolder: string | undefined): EngineApi['contexts'] {
  const recent = openRecentContexts(root);
  return {
    inspect: (params, options = {}) => inspectContext(params, options),
    watch: async ({ path }, { signal, onProgress } = {}) => {
      const onChange = (): void => onProgress?.({ changed: true });
      const never = new AbortController().signal;
      return {
        watched: await watchContext(path, {
          mostFolders: await mostWatches(),
          signal: signal ?? never,
          onChange,
        }),
      };
    },
    readDockerfile: ({ path, dockerfile }) => readDockerfile(path, dockerfile),
    writeDockerfile: (params) => writeDockerfile(params),
    recent: () => recent.list(),
    remember: async ({ path }) => {
      await recent.remember(path);
      return {};
    },
    samples: () => listSamples(samplesFolder),
    openSample: ({ id }) => openSample(samplesFolder, root, id),
  };
}
