import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import { didYouMean } from '../../dockerfile/did-you-mean.ts';
import type { MountFlag, RunInstruction } from '../../dockerfile/instruction.ts';
import { mountFieldLocation } from '../../dockerfile/mount-field-location.ts';
import { parseMount, type Mount } from '../../dockerfile/parse-mount.ts';
import type { RootFs } from '../../filetree/root-fs.ts';
import type { LayerStack, SandboxMount } from '../../sandbox/sandbox.ts';
import { cacheKey, entriesKey } from '../cache/cache-key.ts';
import { layersKey } from '../layers-key.ts';
import { located, withLocation } from '../plan/locate-error.ts';
import { missingSource } from '../source/missing-source.ts';
import { rootFsTree } from '../source/root-fs-tree.ts';
import { lookUpSecret } from '../secrets.ts';
import type { FileVersions } from '../explain/step-inputs.ts';
import type { StageState } from '../stage-state.ts';
import { folderLayer } from './folder-layer.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';
import { layersOf, sourceOf } from './source-of.ts';
import { wholeContent } from './whole-content.ts';

/** RUN's mounts as the sandbox takes them. */
export interface RunMounts {
  readonly mounts: readonly SandboxMount[];
  /** Variables that agents add; no part of any key. */
  readonly env: readonly string[];
  /** Variables that hold secrets; no part of any key, and never on a disk. */
  readonly secretEnv: readonly string[];
  /** What the mounts add to the cache key: never a secret. */
  readonly keys: readonly unknown[];
  /** The same for explanations, by the mount's type and place, and the files of the build context that they show. */
  readonly shown: Readonly<Record<string, string>>;
  readonly files: FileVersions;
  /** Throws when a mount asks for what was not given: that is met only where the command has to run. */
  requireGiven(): void;
}

/** A mount, and the flag that asks for it: errors point at its fields. */
type FlaggedMount = Mount & { readonly flag: MountFlag };

interface Prepared {
  readonly mounts?: readonly SandboxMount[];
  readonly env?: readonly string[];
  readonly secretEnv?: readonly string[];
  /** Where it is, as far as that has a place. */
  readonly target: string;
  readonly key: unknown;
  readonly files?: FileVersions | undefined;
  /** Why the command cannot run. */
  readonly missing?: EngineError;
}

export async function runMounts(
  context: InstructionContext,
  state: StageState,
  instruction: RunInstruction,
): Promise<RunMounts> {
  const prepared: Prepared[] = [];
  for (const flag of instruction.mounts) {
    const mount = parseMount(flag, (value, location) => expandIn(context, state, value, location));
    const index = prepared.length;
    prepared.push(await located(flag.location, () => prepare(context, state, { ...mount, flag }, index)));
  }
  return {
    mounts: prepared.flatMap(({ mounts }) => mounts ?? []),
    env: prepared.flatMap(({ env }) => env ?? []),
    secretEnv: prepared.flatMap(({ secretEnv }) => secretEnv ?? []),
    keys: byTarget(prepared).map(({ key }) => key),
    shown: Object.fromEntries(prepared.map(({ key }, index) => [nameOf(instruction, index), shortKey(key)])),
    files: new Map(prepared.flatMap(({ files }) => Array.from(files ?? []))),
    requireGiven: () => {
      for (const { missing } of prepared) if (missing !== undefined) throw missing;
    },
  };
}

/** The order in which mounts are written tells nothing, but of those at one place the last is seen. */
function byTarget(prepared: readonly Prepared[]): readonly Prepared[] {
  return prepared.toSorted((a, b) => (a.target < b.target ? -1 : a.target > b.target ? 1 : 0));
}

/** `bind /src`. */
function nameOf({ mounts }: RunInstruction, index: number): string {
  const fields = mounts[index]?.fields ?? [];
  const valueOf = (...keys: readonly string[]) => fields.find(({ key }) => keys.includes(key))?.value;
  const place = valueOf('target', 'dst', 'destination') ?? valueOf('id') ?? String(index + 1);
  return `${valueOf('type') ?? 'bind'} ${place}`;
}

function shortKey(key: unknown): string {
  return `${cacheKey(key).slice(0, 'sha256:'.length + 12)}…`;
}

function prepare(
  context: InstructionContext,
  state: StageState,
  mount: FlaggedMount,
  index: number,
): Promise<Prepared> {
  switch (mount.type) {
    case 'bind':
      return prepareBind(context, state, mount);
    case 'cache':
      return prepareCache(context, state, mount);
    case 'tmpfs':
      return Promise.resolve(prepareTmpfs(state, mount));
    case 'secret':
      return prepareSecret(context, state, mount);
    case 'ssh':
      return Promise.resolve(prepareSsh(context, state, mount, index));
  }
}

/** A relative target is below the working folder, an empty one that folder itself; it cannot be the root. */
function targetOf(state: StageState, mount: FlaggedMount): string {
  const written = mount.target ?? '';
  const path = written.startsWith('/') ? written : `${state.config.WorkingDir || '/'}/${written}`;
  const target = cleanPath(`/${path}`);
  if (target !== '/') return target;
  throw new EngineError('DOCKERFILE', `a ${mount.type} mount needs a target other than /`, {
    hint: 'Write target=/path.',
    location: mountFieldLocation(mount.flag, 'target', 'dst', 'destination'),
  });
}

interface Origin {
  readonly layers: LayerStack;
  readonly source: string;
  readonly key: Digest;
  readonly files?: FileVersions;
}

/** What a bind mount or a new cache shows: a part of a stage, an image, a named context, or the build context. */
async function originOf(context: InstructionContext, mount: FlaggedMount): Promise<Origin> {
  const { run } = context;
  const source = cleanPath(`/${mount.source ?? ''}`);
  const location = mountFieldLocation(mount.flag, 'source', 'src');
  if (mount.from === undefined || mount.from === '') {
    const tree = await run.sources.context({ signal: run.signal });
    return located(location, () => folderLayer(context, tree, source));
  }
  const origin = sourceOf(context, 'run', mount.from);
  if (origin.kind === 'folder') {
    const tree = await run.sources.namedFolder(origin.name, { signal: run.signal });
    return located(location, () => folderLayer(context, tree, source));
  }
  if (origin.kind === 'stage') run.trace?.mounted(context.step, { stage: origin.index, source });
  const layers = (await layersOf(context, origin)) ?? [];
  const rootFs = await run.rootFs(layers);
  if (rootFs.stat(source) === undefined) {
    throw withLocation(missingSource(rootFsTree(rootFs, mount.from), source), location);
  }
  const content = source === '/' ? await layersKey(run, layers) : await treeKey(context, rootFs, source);
  return { layers, source, key: cacheKey('layers', content, timesOf(context, layers)) };
}

/** What is at a place and below it, however it came to be there and whatever else there is. */
async function treeKey(context: InstructionContext, rootFs: RootFs, source: string): Promise<Digest> {
  const tree = rootFsTree(rootFs, source);
  const root = tree.stat(source);
  return root === undefined ? entriesKey([]) : (await wholeContent(context, tree, root)).digest;
}

/** A program may read times: where the result has to be the same anywhere, they count. */
function timesOf({ run }: InstructionContext, layers: LayerStack): readonly Digest[] | undefined {
  if (!run.request.reproducible) return undefined;
  run.foresight?.requireMade(layers);
  return layers.map(({ diffId }) => diffId);
}

async function prepareBind(
  context: InstructionContext,
  state: StageState,
  mount: FlaggedMount,
): Promise<Prepared> {
  const target = targetOf(state, mount);
  const { layers, source, key, files } = await originOf(context, mount);
  const { readOnly } = mount;
  return {
    target,
    files,
    mounts: [{ type: 'layers', target, layers, source, readOnly }],
    key: ['bind', target, key, readOnly],
  };
}

/** A cache that has an owner or a beginning of its own is another cache than one without. */
async function prepareCache(
  context: InstructionContext,
  state: StageState,
  mount: FlaggedMount,
): Promise<Prepared> {
  const target = targetOf(state, mount);
  const id = cacheId(context, mount);
  const initial = mount.from === undefined || mount.from === '' ? undefined : await originOf(context, mount);
  const hasOwner = mount.uid !== undefined || mount.gid !== undefined || mount.mode !== undefined;
  const owner = hasOwner ? `${mount.uid ?? 0}:${mount.gid ?? 0}:${mount.mode ?? 0o755}` : '';
  const kind = [id, owner, initial?.key ?? ''].filter((part) => part !== '').join('\n');
  const cache: SandboxMount = {
    type: 'cache',
    target,
    id: kind,
    name: id,
    sharing: mount.sharing ?? 'shared',
    readOnly: mount.readOnly,
    uid: mount.uid ?? 0,
    gid: mount.gid ?? 0,
    mode: mount.mode ?? 0o755,
    initial,
  };
  // Which cache it is counts no more than what is in it; what a new one would be like does, as BuildKit has it.
  return { target, mounts: [cache], key: ['cache', target, owner, initial?.key, mount.readOnly] };
}

/** The target as it is written names a cache that has no name; the build may give all of them a place of their own. */
function cacheId({ run }: InstructionContext, mount: FlaggedMount): string {
  const id = mount.id ?? cleanPath(mount.target ?? '');
  const namespace = run.request.buildArgs['BUILDKIT_CACHE_MOUNT_NS'];
  return namespace ? `${namespace}/${id}` : id;
}

function prepareTmpfs(state: StageState, mount: FlaggedMount): Prepared {
  const target = targetOf(state, mount);
  return {
    target,
    mounts: [{ type: 'tmpfs', target, sizeBytes: mount.sizeLimitBytes }],
    key: ['tmpfs', target, mount.sizeLimitBytes],
  };
}

/** The secret's file, its variable, or both. Its content is in no key: a changed secret runs nothing again. */
async function prepareSecret(
  context: InstructionContext,
  state: StageState,
  mount: FlaggedMount,
): Promise<Prepared> {
  const id = mount.id ?? mount.source ?? baseName(mount.target ?? '');
  const hasFile = mount.target !== undefined || mount.env === undefined;
  const target = mount.target === undefined ? `/run/secrets/${baseName(id)}` : targetOf(state, mount);
  const { uid = 0, gid = 0, mode = SECRET_MODE } = mount;
  const owner = ownerKey(mount, SECRET_MODE);
  const key = ['secret', id, hasFile ? target : undefined, mount.env, ...(hasFile ? owner : [])];
  const prepared = { target: hasFile ? target : '', key };
  if (context.run.foresight !== undefined) return prepared;
  const content = await lookUpSecret(context.run.request, context.run.deps.env, id);
  if (content === undefined)
    return mount.required ? { ...prepared, missing: noSecret(context, mount, id) } : prepared;
  return {
    ...prepared,
    mounts: hasFile ? [{ type: 'secret', target, content, uid, gid, mode }] : [],
    secretEnv: mount.env === undefined ? [] : [`${mount.env}=${Buffer.from(content).toString()}`],
  };
}

const SECRET_MODE = 0o400;
const AGENT_MODE = 0o600;

/** Who may read it, unless that is what it always is. */
function ownerKey({ uid = 0, gid = 0, mode }: FlaggedMount, usualMode: number): readonly unknown[] {
  const isUsual = uid === 0 && gid === 0 && (mode ?? usualMode) === usualMode;
  return isUsual ? [] : [uid, gid, mode ?? usualMode];
}

function noSecret({ run }: InstructionContext, { flag }: FlaggedMount, id: string): EngineError {
  const given = run.request.secrets.map((secret) => secret.id);
  const location = mountFieldLocation(flag, 'id', 'source', 'src', 'target', 'dst', 'destination');
  return new EngineError('NOT_FOUND', `the secret ${id} is required and was not given`, {
    ...didYouMean(id, given, location, `Give it with --secret id=${id},src=FILE.`),
    location: location ?? flag.location,
  });
}

function prepareSsh(
  context: InstructionContext,
  state: StageState,
  mount: FlaggedMount,
  index: number,
): Prepared {
  const id = mount.id ?? 'default';
  const target = mount.target === undefined ? `/run/buildkit/ssh_agent.${index}` : targetOf(state, mount);
  const prepared = { target, key: ['ssh', id, target, ...ownerKey(mount, AGENT_MODE)] };
  if (context.run.foresight !== undefined) return prepared;
  // The variable is there even when no agent is, as with BuildKit.
  const env = [`SSH_AUTH_SOCK=${target}`];
  const given = context.run.request.ssh.find((agent) => agent.id === id);
  const hostSocket =
    given === undefined ? undefined : (given.paths[0] ?? context.run.deps.env?.['SSH_AUTH_SOCK']);
  if (hostSocket === undefined)
    return { ...prepared, env, ...(mount.required ? { missing: noAgent(context, mount, id) } : {}) };
  const { uid = 0, gid = 0, mode = AGENT_MODE } = mount;
  return { ...prepared, mounts: [{ type: 'ssh', target, hostSocket, uid, gid, mode }], env };
}

function noAgent({ run }: InstructionContext, { flag }: FlaggedMount, id: string): EngineError {
  const known = run.request.ssh.map((agent) => agent.id);
  const location = mountFieldLocation(flag, 'id');
  return new EngineError('NOT_FOUND', `the SSH agent ${id} is required and was not given`, {
    ...didYouMean(id, known, location, `Give it with --ssh ${id}.`),
    location: location ?? flag.location,
  });
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
