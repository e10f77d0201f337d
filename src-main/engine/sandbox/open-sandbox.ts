import { EngineError, isEngineError } from '../../contract/errors.ts';
import type { Log } from '../log.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { isCacheMount, listCacheMounts, removeCacheMount } from './cache-mounts.ts';
import { explainRefusal, findObstacle } from './explain-refusal.ts';
import { createSandboxMeasure, isEmpty } from './measure-sandbox.ts';
import { openSession, type Session } from './open-session.ts';
import { probeRuntime } from './probe-runtime.ts';
import { pruneSnapshots } from './prune-snapshots.ts';
import { openShell } from './open-shell.ts';
import { runCommand, type RunParts } from './run-command.ts';
import { RUNTIMES, type Runtime } from './runtime.ts';
import type { LayerStack, Sandbox, SandboxProbe } from './sandbox.ts';

export interface OpenSandboxOptions {
  readonly store: Store;
  readonly log: Log;
  /** Which are tried, in this order; all that are known unless given. */
  readonly runtimes?: readonly Runtime[];
}

/** The sandbox of one engine. Nothing is started before it is first needed; `close` ends all that runs. */
export interface OpenSandbox extends Sandbox {
  close(): Promise<void>;
}

/**
 * Opens the sandbox on a store's `snapshots/`. The engine itself stays outside and needs no privilege: each command
 * runs in namespaces of the host's tools (util-linux, GNU tar, an OCI runtime), and layers go in and out as tar
 * streams, so that files of ids that the engine cannot touch are only ever handled inside.
 */
export function openSandbox({ store, log, runtimes = RUNTIMES }: OpenSandboxOptions): OpenSandbox {
  let opened: Promise<Session> | undefined;
  let current: Session | undefined;
  const openFresh = async (): Promise<Session> => {
    try {
      return (current = await openSession(store, log));
    } catch (error) {
      opened = undefined;
      throw error;
    }
  };
  const session = (): Promise<Session> => {
    // Someone may have killed the process that holds the namespaces: then a new one is started.
    if (current?.namespace.isOpen() === false) current = opened = undefined;
    return (opened ??= openFresh());
  };
  const measure = createSandboxMeasure(store);
  let probing: Promise<Probed> | undefined;
  let isProbed = false;
  const probed = (): Promise<Probed> =>
    (probing ??= probe(session, runtimes).finally(() => {
      isProbed = true;
    }));
  const runParts = async (): Promise<RunParts> => {
    const { runtime, answer } = await probed();
    if (runtime === undefined) throw unavailable(answer);
    return { store, log, session: await session(), runtime };
  };
  const brief = new Set<Promise<void>>();
  const noting = <T>(work: Promise<T>): Promise<T> => {
    const ended: Promise<void> = work.then(ignore, ignore).then(() => void brief.delete(ended));
    brief.add(ended);
    return work;
  };
  return {
    probe: async () => (await noting(probed())).answer,
    run: async (command, options) => {
      const unpacking = isProbed ? undefined : unpackAhead(store, session(), command.layers, options);
      const parts = await runParts().finally(() => unpacking);
      return runCommand(parts, command, options);
    },
    openShell: (command, options) => openShell(runParts(), command, options),
    diskUsage: () => noting(measure.diskUsage(async () => (await session()).namespace)),
    prune: async (options) => {
      if (await isEmpty(store)) return { snapshots: 0, bytes: 0 };
      const { namespace, folder } = await session();
      return noting(pruneSnapshots({ store, namespace, folder, measure }, options));
    },
    cacheMounts: () => noting(listCacheMounts(store, async () => (await session()).namespace)),
    removeCacheMount: async (id, { isForgotten = false } = {}) => {
      if (!(await isCacheMount(store, id))) return 0;
      const parts = { store, namespace: (await session()).namespace };
      return noting(removeCacheMount(parts, id, { dryRun: false, isForgotten }));
    },
    close: async () => {
      // What takes a moment is waited for: the namespaces must not end under its feet.
      await Promise.all(brief);
      const current = await opened?.catch(() => undefined);
      await current?.close();
    },
  };
}

/** Unpacks while it is found out what runs a command. What fails here fails again when it is needed, and is told then. */
async function unpackAhead(
  store: Store,
  session: Promise<Session>,
  layers: LayerStack,
  options: LongOptions,
): Promise<void> {
  const unpack = async (): Promise<void> => {
    const [{ snapshots }, rootFs] = await Promise.all([session, stackRootFs(store, layers, options)]);
    await snapshots.ensure(rootFs.layers, options);
  };
  await unpack().catch(ignore);
}

function ignore(): void {}

interface Probed {
  readonly runtime: Runtime | undefined;
  readonly answer: SandboxProbe;
}

async function probe(session: () => Promise<Session>, runtimes: readonly Runtime[]): Promise<Probed> {
  const obstacle = await findObstacle();
  if (obstacle !== undefined) return { runtime: undefined, answer: { available: false, hint: obstacle } };
  try {
    const { runtime, error } = await probeRuntime(await session(), runtimes);
    if (runtime !== undefined) return { runtime, answer: { available: true, runtime: runtime.name } };
    return refuse(error);
  } catch (error) {
    if (!isEngineError(error)) throw error;
    return refuse(error);
  }
}

async function refuse(error: EngineError | undefined): Promise<Probed> {
  const said = error === undefined ? '' : ` (${error.message})`;
  return { runtime: undefined, answer: { available: false, hint: `${await explainRefusal()}${said}` } };
}

function unavailable({ hint }: SandboxProbe): EngineError {
  return new EngineError('SANDBOX_UNAVAILABLE', 'RUN needs a sandbox and none works here', { hint });
}
