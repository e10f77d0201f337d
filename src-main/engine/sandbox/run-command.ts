import { cancelled, isEngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { clampTimes } from '../filetree/clamp-times.ts';
import { openLayerWriter } from '../filetree/open-layer-writer.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { RootFs } from '../filetree/root-fs.ts';
import type { StackedRootFs } from '../filetree/stacked-root-fs.ts';
import { stackRootFs } from '../filetree/stack-root-fs.ts';
import type { Store } from '../store/store.ts';
import type { Log } from '../log.ts';
import { createTarEntry, type TarEntry } from '../tar/tar-entry.ts';
import { acquireCaches, type CacheMounts } from './acquire-caches.ts';
import { collectChanges } from './collect-changes.ts';
import { emptyLayer, isEmptyFolder } from './empty-layer.ts';
import { lookUpUser } from './look-up-user.ts';
import { MountTargets } from './mount-targets.ts';
import { formatHosts, readResolvConf } from './network-files.ts';
import { openSshProxies, type SshProxies } from './open-ssh-proxies.ts';
import type { Run, Session } from './open-session.ts';
import { planOverlay, snapshotLinks } from './overlay-plan.ts';
import { prepareMounts } from './prepare-mounts.ts';
import { rootFolderOf } from './root-folder.ts';
import { runBundle, type Bundle } from './run-bundle.ts';
import type { Runtime } from './runtime.ts';
import { createRuntimeSpec, type SpecMount } from './runtime-spec.ts';
import type { Sandbox, SandboxCommand, SandboxResult, TerminalSize } from './sandbox.ts';
import type { EnsureOptions } from './snapshots.ts';
import type { TreeEntry } from './tar-stream.ts';

export interface RunParts {
  readonly store: Store;
  readonly log: Log;
  readonly session: Session;
  readonly runtime: Runtime;
}

export type RunOptions = Parameters<Sandbox['run']>[1];

/** Runs one command; see `Sandbox.run`. */
export function runCommand(
  parts: RunParts,
  command: SandboxCommand,
  options: RunOptions,
): Promise<SandboxResult> {
  return withRun(parts, command, options, async ({ run, rootFs, bundle }) => {
    const exitCode = await runBundle(bundle, { ...options, lane: run.lane });
    run.ended();
    const layer = await writeLayer(parts, run, rootFs, options).catch((error: unknown) => {
      // The command's own failure is the one to tell.
      if (exitCode === 0 || isEngineError(error, 'CANCELLED')) throw error;
      return undefined;
    });
    return { result: { exitCode, layer }, adopt: exitCode === 0 ? adoptable(layer, options) : undefined };
  });
}

type PrepareRunOptions = EnsureOptions & { readonly terminal?: TerminalSize };

interface PreparedRun {
  readonly run: Run;
  readonly rootFs: StackedRootFs;
  readonly bundle: Bundle;
}

/** Prepares all that a command needs, and clears it away when `work` is done, however it ends. */
export async function withRun<T>(
  parts: RunParts,
  command: SandboxCommand,
  options: PrepareRunOptions,
  work: (prepared: PreparedRun) => Promise<{ readonly result: T; readonly adopt?: Digest | undefined }>,
): Promise<T> {
  if (options.signal?.aborted === true) throw cancelled('the command');
  const { store, session, log } = parts;
  const caches = await acquireCaches(command.mounts, { ...options, store, namespace: session.namespace });
  const ssh = openSshProxies(session.namespace, log);
  try {
    return await runInFolder({ ...parts, caches, ssh }, command, options, work);
  } finally {
    await Promise.all([caches.release(), ssh.close()]);
  }
}

interface FullParts extends RunParts {
  readonly caches: CacheMounts;
  readonly ssh: SshProxies;
}

async function runInFolder<T>(
  parts: FullParts,
  command: SandboxCommand,
  options: PrepareRunOptions,
  work: (prepared: PreparedRun) => Promise<{ readonly result: T; readonly adopt?: Digest | undefined }>,
): Promise<T> {
  const run = await parts.session.openRun(parts.runtime, options);
  let adopt: Digest | undefined;
  try {
    await run.use([...stackIds(command)]);
    const rootFs = await stackRootFs(parts.store, command.layers, options);
    await parts.session.snapshots.ensure(rootFs.layers, options);
    const bundle = await prepareRun(parts, run, rootFs, command, options);
    const done = await work({ run, rootFs, bundle: { ...bundle, terminal: options.terminal } });
    adopt = done.adopt;
    return done.result;
  } finally {
    await run.close({ adopt });
  }
}

/** Files that stay as they are have times that a layer with a latest time has not; an empty one needs no snapshot. */
function adoptable(layer: StoredLayer | undefined, { latestTime }: RunOptions): Digest | undefined {
  return latestTime === undefined && layer?.toc.entries.length !== 0 ? layer?.diffId : undefined;
}

function* stackIds(command: SandboxCommand): Generator<StoredLayer['diffId']> {
  for (const layer of command.layers) yield layer.diffId;
  for (const mount of command.mounts) {
    if (mount.type === 'layers') for (const layer of mount.layers) yield layer.diffId;
  }
}

async function prepareRun(
  parts: FullParts,
  run: Run,
  rootFs: StackedRootFs,
  command: SandboxCommand,
  options: PrepareRunOptions,
): Promise<Bundle> {
  const { snapshots, namespace } = parts.session;
  const user = await lookUpUser(rootFs, command.user);
  const targets = new MountTargets(rootFs);
  for (const path of snapshots.hiddenFolders(rootFs.layers)) targets.restore(path);
  const network = await networkMounts(command, run.folder, targets);
  const mounts = await prepareMounts(command.mounts, {
    ...options,
    ...parts,
    snapshots,
    targets,
    folder: run.folder,
  });
  const root = planOverlay({
    folder: '',
    root: rootFolderOf(rootFs),
    lower: ['../stubs', ...snapshotLinks(rootFs.layers, '')],
  });
  const spec = createRuntimeSpec({
    command,
    user,
    rootFolder: `${run.folder}/root`,
    mounts: [...network.mounts, ...mounts.specs],
    rootless: namespace.rootless,
    losesNodev: parts.runtime.losesNodev,
    terminal: options.terminal,
  });
  return {
    folder: run.folder,
    id: run.id,
    runtime: parts.runtime,
    spec,
    isSecret: command.secretEnv.length > 0,
    stdin: command.stdin,
    overlays: [...mounts.prepared.flatMap(({ overlay }) => overlay ?? []), root],
    entries: [
      ...mounts.prepared.flatMap(({ overlay, entries }) => [...asTree(overlay?.entries ?? []), ...entries]),
      ...asTree(root.entries),
      ...asTree(systemFolders(rootFs)),
      ...asTree([createTarEntry({ path: 'stubs', type: 'directory' }), ...below('stubs', targets.entries())]),
      ...network.entries,
    ],
  };
}

interface NetworkMounts {
  readonly mounts: readonly SpecMount[];
  readonly entries: readonly TreeEntry[];
}

/** /etc/hosts and /etc/resolv.conf, for this command only. */
async function networkMounts(
  command: SandboxCommand,
  folder: string,
  targets: MountTargets,
): Promise<NetworkMounts> {
  const options = ['bind', 'nosuid', 'nodev', 'noexec', 'ro'];
  const mount = (name: string, path: string): SpecMount => {
    return { destination: targets.place(path, 'file'), type: 'bind', source: `${folder}/${name}`, options };
  };
  return {
    mounts: [mount('resolv.conf', '/etc/resolv.conf'), mount('hosts', '/etc/hosts')],
    entries: [
      file('resolv.conf', await readResolvConf(command.network)),
      file('hosts', formatHosts(command)),
    ],
  };
}

/** These stay in the layer of the command that first needed them, as BuildKit has it. */
function systemFolders(rootFs: RootFs): readonly TarEntry[] {
  const mtime = Math.floor(Date.now() / 1000);
  return ['dev', 'proc', 'sys']
    .filter((name) => rootFs.lstat(`/${name}`) === undefined)
    .map((name) => createTarEntry({ path: `upper/${name}`, type: 'directory', mtime }));
}

function below(folder: string, entries: readonly TarEntry[]): readonly TarEntry[] {
  return entries.map((entry) => ({ ...entry, path: `${folder}/${entry.path}` }));
}

function asTree(entries: readonly TarEntry[]): readonly TreeEntry[] {
  return entries.map((entry) => ({ entry }));
}

function file(path: string, text: string): TreeEntry {
  const content = Buffer.from(text);
  return { entry: createTarEntry({ path, type: 'file', sizeBytes: content.length }), content };
}

async function writeLayer(
  { store }: RunParts,
  { lane, folder }: Run,
  base: RootFs,
  options: RunOptions,
): Promise<StoredLayer> {
  const { signal, compression, latestTime } = options;
  const upper = `${folder}/upper`;
  if (await isEmptyFolder(upper)) return emptyLayer(store, compression, options);
  const writer = clampTimes(await openLayerWriter(store, { signal, compression }), latestTime);
  try {
    await collectChanges({ lane, folder: upper, base, writer, signal });
    return await writer.commit();
  } finally {
    await writer.abort();
  }
}
