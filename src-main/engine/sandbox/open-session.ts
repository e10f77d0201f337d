import { randomUUID } from 'node:crypto';
import { mkdirSync } from 'node:fs';
import { mkdir, readdir, rename, rm, writeFile } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { livenessOf, ownProcessIdentity } from '../store/process-identity.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../log.ts';
import { isThere } from './is-there.ts';
import { createLanes, type Lanes } from './lanes.ts';
import type { Lane } from './open-lane.ts';
import { openNamespace, type Namespace } from './open-namespace.ts';
import { removeRun } from './remove-run.ts';
import type { Runtime } from './runtime.ts';
import { runTool } from './run-tool.ts';
import { openSnapshots, snapshotFolder, type Snapshots } from './snapshots.ts';

/** One engine's use of the snapshots: its namespace and a folder of its own, locked while it lives. */
export interface Session {
  readonly namespace: Namespace;
  readonly snapshots: Snapshots;
  /** What is in it goes with the engine, at the latest when the next one starts. */
  readonly folder: string;
  /** A new empty folder for one command, and a lane to run it in, which the signal kills. */
  openRun(runtime: Runtime, options?: LongOptions): Promise<Run>;
  /** Ends everything that still runs. */
  close(): Promise<void>;
}

export interface Run {
  readonly id: string;
  readonly folder: string;
  readonly lane: Lane;
  /** Says which snapshots must stay while the folder is there; before they are looked for. */
  use(diffIds: readonly Digest[]): Promise<void>;
  /** Says that the command ended well, so that the lane can be used again. */
  ended(): void;
  /** Takes down what is mounted and removes the folder; with `adopt`, its upper folder becomes that layer's snapshot. */
  close(options?: { readonly adopt: Digest | undefined }): Promise<void>;
}

/** The names of the engines' folders among the snapshots. */
export const SESSION_PREFIX = '.engine-';
/** Those of folders that are not locked yet, each followed by the identity of its process. */
const STARTING_PREFIX = '.starting-';
/** In a run's folder: the diff IDs of the snapshots that it uses, one a line. */
export const USES_FILE = 'uses';

/** Opens a session and clears away what engines that are gone left. */
export async function openSession(store: Store, log: Log): Promise<Session> {
  await mkdir(store.snapshotsFolder, { recursive: true, mode: 0o700 });
  const id = randomUUID();
  const starting = join(store.snapshotsFolder, `${STARTING_PREFIX}${ownProcessIdentity()}.${id}`);
  const folder = join(store.snapshotsFolder, `${SESSION_PREFIX}${id}`);
  await mkdir(starting, { mode: 0o700 });
  const namespace = await openLocked(starting);
  await rename(starting, folder);
  const clearing = clearAbandoned(store, namespace, log);
  const snapshots = openSnapshots({ store, namespace, folder });
  const lanes = createLanes(namespace, folder);
  let runs = 0;
  return {
    namespace,
    snapshots,
    folder,
    openRun: async (runtime, options = {}) => {
      const lane = await lanes.take(runtime.cgroups);
      return new LaneRun(
        { store, namespace, snapshots, lanes, lane },
        join(folder, `run-${(runs += 1)}`),
        options,
      );
    },
    close: async () => {
      await Promise.all([clearing, lanes.close()]);
      if (namespace.isOpen()) await removeRun(namespace, folder, undefined);
      await namespace.close();
    },
  };
}

async function openLocked(folder: string): Promise<Namespace> {
  try {
    return await openNamespace(join(folder, 'lock'));
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** Folders whose engine no longer holds their lock, and what can only be of an earlier Varve: it is over. */
const CLEAR = `
cd "$1" || exit 0
for each in .engine-*; do
  [ -d "$each" ] && flock --nonblock "$each/lock" rm -rf -- "$each"
done
find . -maxdepth 1 -name '.?*' ! -name '.engine-*' -mmin +1440 -exec rm -rf -- {} +
exit 0
`;

async function clearAbandoned(store: Store, namespace: Namespace, log: Log): Promise<void> {
  const args = ['sh', '-c', CLEAR, 'clear', store.snapshotsFolder];
  try {
    await clearStarting(store.snapshotsFolder);
    await runTool(namespace, args, { what: 'clear abandoned snapshots' });
  } catch (error) {
    if (namespace.isOpen()) log.warn({ error }, 'abandoned snapshots could not be removed');
  }
}

/** Folders of engines that were killed before they held a lock; there is nothing else in them. */
async function clearStarting(snapshots: string): Promise<void> {
  for (const name of await readdir(snapshots)) {
    if (!name.startsWith(STARTING_PREFIX)) continue;
    const [identity = ''] = name.slice(STARTING_PREFIX.length).split('.');
    if (livenessOf(identity) === 'dead') await rm(join(snapshots, name), { recursive: true, force: true });
  }
}

interface RunParts {
  readonly store: Store;
  readonly namespace: Namespace;
  readonly snapshots: Snapshots;
  readonly lanes: Lanes;
  readonly lane: Lane;
}

class LaneRun implements Run {
  readonly id: string;
  readonly folder: string;
  readonly #parts: RunParts;
  readonly #stop: () => void;
  #isClean = false;

  constructor(parts: RunParts, folder: string, { signal }: LongOptions) {
    this.id = basename(folder);
    this.folder = folder;
    this.#parts = parts;
    mkdirSync(folder, { mode: 0o755 });
    const kill = (): void => parts.lane.kill();
    signal?.addEventListener('abort', kill, { once: true });
    this.#stop = () => signal?.removeEventListener('abort', kill);
  }

  get lane(): Lane {
    return this.#parts.lane;
  }

  use(diffIds: readonly Digest[]): Promise<void> {
    return writeFile(join(this.folder, USES_FILE), diffIds.map((each) => `${each}\n`).join(''));
  }

  ended(): void {
    this.#isClean = true;
  }

  async close(options: { readonly adopt: Digest | undefined } = { adopt: undefined }): Promise<void> {
    const { namespace, lanes, lane } = this.#parts;
    this.#stop();
    try {
      const snapshot = await this.#targetOf(options.adopt);
      if (!lane.isOpen() || !this.#isClean) await lanes.giveBack(lane, false);
      await removeRun(namespace, this.folder, snapshot);
    } finally {
      await lanes.giveBack(lane, this.#isClean);
    }
  }

  async #targetOf(adopt: Digest | undefined): Promise<string | undefined> {
    if (adopt === undefined) return undefined;
    const target = snapshotFolder(this.#parts.store, adopt);
    if (await isThere(target)) return undefined;
    await this.#parts.snapshots.mark(adopt);
    return target;
  }
}
