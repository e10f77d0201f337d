import type { Engine, EngineEvents } from '../contract/engine-api.ts';
import { createBuildRecordsCalls } from './api/build-records-calls.ts';
import { createBuildsCalls } from './api/builds-calls.ts';
import { createCacheCalls } from './api/cache-calls.ts';
import { createContextsCalls } from './api/contexts-calls.ts';
import { createDockerfilesCalls } from './api/dockerfiles-calls.ts';
import { createFilesCalls } from './api/files-calls.ts';
import { createImagesCalls } from './api/images-calls.ts';
import { createBasePull } from './api/pull-base.ts';
import { createRegistriesCalls } from './api/registries-calls.ts';
import { createStoreCalls } from './api/store-calls.ts';
import { createTerminalsCalls } from './api/terminals-calls.ts';
import { createCacheCare } from './build/cache/collect-cache.ts';
import type { LookAhead } from './build/context/look-ahead.ts';
import { createEmitter } from './emitter.ts';
import { BuildRecords } from './history/build-records.ts';
import { silentLog, type Log } from './log.ts';
import { surroundingsIn } from './registry/credentials/auth-file-places.ts';
import { openCredentials } from './registry/credentials/credentials.ts';
import type { Keychain } from './registry/credentials/keychain.ts';
import { openRegistries } from './registry/open-registries.ts';
import { createTransport } from './registry/http/transport.ts';
import { openSandbox } from './sandbox/open-sandbox.ts';
import { openStore } from './store/open-store.ts';

export { defaultRoot } from './default-root.ts';
export { debugExpand } from './dockerfile/debug-expand.ts';
export { debugIgnore } from './dockerfile/debug-ignore.ts';
export { formatPlatform, isSamePlatform, parsePlatform } from './oci/platform.ts';
export { redactSecrets } from './redact-log.ts';
export { makeWorkFolder } from './store/work-folder.ts';
export { fetchContext, isRemoteContext, openContextFile } from './build/context/fetch-context.ts';

export interface EngineOptions {
  /** The data folder; made when it is not there. */
  readonly root: string;
  readonly version: string;
  readonly log?: Log;
  /** Where proxies and the user's folders are named; the process's own unless told. */
  readonly env?: Readonly<Record<string, string | undefined>>;
  /** The operating system's, where this process is lent it. */
  readonly keychain?: Keychain | undefined;
  /** What `lookAheadOf` has begun; whoever began it disposes of it. */
  readonly lookAhead?: LookAhead | undefined;
  /** The folder with `samples.json`. */
  readonly samplesFolder?: string;
}

/**
 * Opens the engine: the one place that wires it. The caller closes it. Any number of engines, in any number of
 * processes, may be open on one root.
 */
export async function openEngine(options: EngineOptions): Promise<Engine> {
  const log = options.log ?? silentLog;
  const store = await openStore({ root: options.root, log });
  const sandbox = openSandbox({ store, log });
  const events = createEmitter<EngineEvents>();
  const env = options.env ?? process.env;
  const transport = createTransport({ env });
  const credentials = openCredentials({
    root: options.root,
    surroundings: surroundingsIn(env),
    log,
    keychain: options.keychain,
  });
  const registries = openRegistries({ root: options.root, transport, env, credentials });
  const records = new BuildRecords({ root: options.root, version: options.version, log });
  const care = createCacheCare({ store, sandbox }, log);
  const builds = createBuildsCalls(
    {
      store,
      sandbox,
      log,
      resolveBase: createBasePull({ store, registries }),
      lookAhead: options.lookAhead,
    },
    records,
    (running) => {
      events.emit('buildsChanged', { running });
      if (running === 0) care.soon();
    },
  );
  // A command line that nobody listens to need not look at what other processes do.
  const watching: (() => void)[] = [];
  const watch = (): void => {
    if (watching.length > 0) return;
    const storeChanged = (): void => {
      events.emit('imagesChanged', {});
      events.emit('storeChanged', {});
    };
    watching.push(store.onChange(storeChanged));
    watching.push(records.onChange(() => events.emit('buildRecordsChanged', {})));
  };
  return {
    api: {
      images: createImagesCalls(store, registries),
      files: createFilesCalls(store),
      builds: builds.calls,
      buildRecords: createBuildRecordsCalls(records),
      dockerfiles: createDockerfilesCalls(store),
      contexts: createContextsCalls(options.root, options.samplesFolder),
      store: createStoreCalls({
        store,
        sandbox,
        records,
        version: options.version,
        runningBuilds: builds.running.count,
      }),
      cache: createCacheCalls({
        store,
        sandbox,
        cacheBytes: async () =>
          (await store.diskUsage()).cacheBytes + (await sandbox.diskUsage()).cacheMountBytes,
      }),
      registries: createRegistriesCalls(store, { registries, credentials }),
      terminals: createTerminalsCalls(store, sandbox),
    },
    on: (name, listener) => {
      watch();
      return events.on(name, listener);
    },
    close: async () => {
      await builds.running.stop();
      await transport.close();
      for (const stop of watching.splice(0)) stop();
      await care.close();
      await sandbox.close();
      records.close();
      await store.close();
    },
  };
}
