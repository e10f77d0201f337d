import { randomUUID } from 'node:crypto';
import { mkdir, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../log.ts';
import { isThere } from './is-there.ts';
import { openNamespace, type Namespace } from './open-namespace.ts';
import { runTool } from './run-tool.ts';
import { openSnapshots, snapshotFolder, type Snapshots } from './snapshots.ts';

/** One engine's use of the snapshots: its namespace and a folder of its own, locked while it lives. */
export interface Session {
  readonly namespace: Namespace;
  readonly snapshots: Snapshots;
  /** A new empty folder for one command. */
  openRun(): Promise<Run>;
  /** Ends everything that still runs. */
  close(): Promise<void>;
}

export interface Run {
  readonly id: string;
  readonly folder: string;
  /** Says which snapshots must stay while the folder is there; before they are looked for. */
  use(diffIds: readonly Digest[]): Promise<void>;
  /** Removes the folder; with `adopt`, its upper folder becomes the snapshot of that layer. */
  close(options?: { readonly adopt: Digest }): Promise<void>;
}

/** The names of the engines' folders among the snapshots. */
export const SESSION_PREFIX = '.engine-';
/** In a run's folder: the diff IDs of the snapshots that it uses, one a line. */
export const USES_FILE = 'uses';

/** Opens a session and clears away what engines that are gone left. */
export async function openSession(store: Store, log: Log): Promise<Session> {
  await mkdir(store.snapshotsFolder, { recursive: true, mode: 0o700 });
  const id = randomUUID();
  const starting = join(store.snapshotsFolder, `.starting-${id}`);
  const folder = join(store.snapshotsFolder, `${SESSION_PREFIX}${id}`);
  await mkdir(starting, { mode: 0o700 });
  const namespace = await openLocked(starting);
  await rename(starting, folder);
  clearAbandoned(store, namespace, log);
  const snapshots = openSnapshots({ store, namespace });
  let runs = 0;
  return {
    namespace,
    snapshots,
    openRun: () => openRun({ store, namespace, snapshots }, folder, `run-${(runs += 1)}`),
    close: async () => {
      await removeTree(namespace, folder);
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

/** Folders whose engine no longer holds their lock, and layers half unpacked by one: whatever it was, it is over. */
const CLEAR = `
cd "$1" || exit 0
for each in .engine-*; do
  [ -d "$each" ] && flock --nonblock "$each/lock" rm -rf -- "$each"
done
find . -maxdepth 1 \\( -name '.ingest-*' -o -name '.starting-*' \\) -mmin +1440 -exec rm -rf -- {} +
exit 0
`;

function clearAbandoned(store: Store, namespace: Namespace, log: Log): void {
  const args = ['sh', '-c', CLEAR, 'clear', store.snapshotsFolder];
  runTool(namespace, args, { what: 'clear abandoned snapshots' }).catch((error: unknown) => {
    if (namespace.isOpen()) log.warn({ error }, 'abandoned snapshots could not be removed');
  });
}

interface RunParts {
  readonly store: Store;
  readonly namespace: Namespace;
  readonly snapshots: Snapshots;
}

async function openRun(parts: RunParts, parent: string, id: string): Promise<Run> {
  const folder = join(parent, id);
  await mkdir(folder, { mode: 0o755 });
  return {
    id,
    folder,
    use: (diffIds) => writeFile(join(folder, USES_FILE), diffIds.map((each) => `${each}\n`).join('')),
    close: async (options) => closeRun(parts, folder, options?.adopt),
  };
}

const CLOSE = `
if [ -n "$2" ]; then
  find "$1/upper" -type s -delete && mv -T -n -- "$1/upper" "$2"
fi
rm -rf -- "$1"
`;

async function closeRun(parts: RunParts, folder: string, adopt: Digest | undefined): Promise<void> {
  const { store, namespace, snapshots } = parts;
  const target = adopt === undefined ? '' : snapshotFolder(store, adopt);
  const wanted = adopt !== undefined && !(await isThere(target));
  if (wanted) await snapshots.markAdopted(adopt);
  const args = ['sh', '-c', CLOSE, 'close', folder, wanted ? target : ''];
  await runTool(namespace, args, { what: `remove ${folder}` });
}

async function removeTree(namespace: Namespace, folder: string): Promise<void> {
  if (!namespace.isOpen()) return;
  await runTool(namespace, ['rm', '-rf', '--', folder], { what: `remove ${folder}` });
}
