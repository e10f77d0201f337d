import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { EngineError } from '../../contract/errors.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { Store } from '../store/store.ts';
import { createTarEntry } from '../tar/tar-entry.ts';
import type { CacheMounts } from './acquire-caches.ts';
import { planOverlay, snapshotLinks, type OverlayPlan } from './overlay-plan.ts';
import type { MountTargets, TargetKind } from './mount-targets.ts';
import { rootFolderOf } from './root-folder.ts';
import { PRIVATE_FOLDER } from './open-lane.ts';
import type { SpecMount } from './runtime-spec.ts';
import type { SandboxMount } from './sandbox.ts';
import type { EnsureOptions, Snapshots } from './snapshots.ts';
import type { SshProxies } from './open-ssh-proxies.ts';
import type { TreeEntry } from './tar-stream.ts';

/** What one mount needs: things in the run's folder, and then a line of the runtime's configuration. */
export interface PreparedMount {
  readonly kind: TargetKind;
  /** The mode of the target if it must be made. */
  readonly mode?: number;
  readonly spec: Omit<SpecMount, 'destination'>;
  readonly entries: readonly TreeEntry[];
  readonly overlay?: OverlayPlan | undefined;
  /** Layers that the mount reads. */
  readonly layers: readonly Digest[];
}

export interface PrepareOptions extends EnsureOptions {
  readonly store: Store;
  readonly snapshots: Snapshots;
  readonly caches: CacheMounts;
  readonly ssh: SshProxies;
  readonly targets: MountTargets;
  /** The run's folder on the host. */
  readonly folder: string;
}

type MountOf<Type extends SandboxMount['type']> = Extract<SandboxMount, { type: Type }>;

/** Prepares the mounts in the order in which they are made: a target inside another's comes after it. */
export async function prepareMounts(
  mounts: readonly SandboxMount[],
  options: PrepareOptions,
): Promise<{ readonly prepared: readonly PreparedMount[]; readonly specs: readonly SpecMount[] }> {
  const ordered = [...mounts].sort((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
  const prepared: PreparedMount[] = [];
  const specs: SpecMount[] = [];
  for (const [index, mount] of ordered.entries()) {
    const ready = await prepareMount(mount, `m/${index}`, options);
    prepared.push(ready);
    specs.push({ ...ready.spec, destination: options.targets.place(mount.target, ready.kind, ready.mode) });
  }
  return { prepared, specs };
}

function prepareMount(mount: SandboxMount, folder: string, options: PrepareOptions): Promise<PreparedMount> {
  switch (mount.type) {
    case 'layers':
      return prepareLayers(mount, folder, options);
    case 'host':
      return prepareHost(mount, folder, options);
    case 'cache':
      return Promise.resolve(prepareCache(mount, options));
    case 'tmpfs':
      return Promise.resolve(prepareTmpfs(mount, options));
    case 'secret':
      return Promise.resolve(prepareSecret(mount, folder, options));
    case 'ssh':
      return prepareSsh(mount, options);
  }
}

/** Writes go to an upper folder that ends with the run. */
async function prepareLayers(
  mount: MountOf<'layers'>,
  folder: string,
  options: PrepareOptions,
): Promise<PreparedMount> {
  const rootFs = await stackRootFs(options.store, mount.layers, options);
  const { path, node } = rootFs.resolve(mount.source, { followLast: true });
  if (node === undefined) throw notFound(mount.source);
  await options.snapshots.ensure(rootFs.layers, options);
  const lower = snapshotLinks(rootFs.layers, folder);
  const overlay = planOverlay({ folder, root: rootFolderOf(rootFs), lower: [...lower, '../empty'] });
  return {
    kind: node.entry.type === 'directory' ? 'directory' : 'file',
    spec: bind(join(options.folder, folder, 'root', path), mount.readOnly),
    entries: [{ entry: createTarEntry({ path: `${folder}/empty`, type: 'directory' }) }],
    overlay,
    layers: rootFs.layers.map((layer) => layer.diffId),
  };
}

async function prepareHost(
  mount: MountOf<'host'>,
  folder: string,
  options: PrepareOptions,
): Promise<PreparedMount> {
  const stats = await stat(mount.hostPath).catch(() => undefined);
  if (stats === undefined) throw notFound(mount.hostPath);
  const kind = stats.isDirectory() ? 'directory' : 'file';
  if (mount.readOnly || kind === 'file') {
    // A file cannot lie under an overlay; it is never opened for writing.
    return { kind, spec: bind(mount.hostPath, true), entries: [], layers: [] };
  }
  const root = createTarEntry({
    path: '',
    type: 'directory',
    mode: stats.mode & 0o7777,
    mtime: Math.floor(stats.mtimeMs / 1000),
  });
  const overlay = planOverlay({ folder, root, lower: [mount.hostPath] });
  return { kind, spec: bind(join(options.folder, folder, 'root'), false), entries: [], overlay, layers: [] };
}

function prepareCache(mount: MountOf<'cache'>, options: PrepareOptions): PreparedMount {
  const source = options.caches.folderOf(mount);
  return { kind: 'directory', spec: bind(source, mount.readOnly), entries: [], layers: [] };
}

/** The mount takes the folder's mode, which not every runtime sees to; in a new one any user may write. */
function prepareTmpfs(mount: MountOf<'tmpfs'>, { targets }: PrepareOptions): PreparedMount {
  const mode = targets.modeOf(mount.target) ?? 0o1777;
  const size = mount.sizeBytes === undefined ? [] : [`size=${mount.sizeBytes}`];
  const options = ['nosuid', 'nodev', `mode=${mode.toString(8)}`, ...size];
  const spec = { type: 'tmpfs', source: 'tmpfs', options };
  return { kind: 'directory', mode, spec, entries: [], layers: [] };
}

function prepareSecret(mount: MountOf<'secret'>, folder: string, options: PrepareOptions): PreparedMount {
  const { mode, uid, gid, content } = mount;
  const path = `${PRIVATE_FOLDER}/${folder.replace('/', '')}`;
  const entry = createTarEntry({ path, type: 'file', mode, uid, gid, sizeBytes: content.length });
  return {
    kind: 'file',
    spec: bind(join(options.folder, path), true),
    entries: [{ entry, content }],
    layers: [],
  };
}

async function prepareSsh(mount: MountOf<'ssh'>, options: PrepareOptions): Promise<PreparedMount> {
  const source = await options.ssh.open(mount, options.folder);
  return { kind: 'file', spec: bind(source, false), entries: [], layers: [] };
}

function bind(source: string, readOnly: boolean): PreparedMount['spec'] {
  return { type: 'bind', source, options: ['rbind', 'nosuid', 'nodev', ...(readOnly ? ['ro'] : ['rw'])] };
}

function notFound(source: string): EngineError {
  return new EngineError(
    'BUILD_FAILED',
    `cannot mount ${JSON.stringify(source)}: there is no such file or folder`,
  );
}
