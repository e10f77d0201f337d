import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { cleanPath } from '../../dockerfile/clean-path.ts';
import type { RunInstruction } from '../../dockerfile/instruction.ts';
import { parseMount, type Mount } from '../../dockerfile/parse-mount.ts';
import type { LayerStack, SandboxMount } from '../../sandbox/sandbox.ts';
import { cacheKey } from '../cache/cache-key.ts';
import { lookUpSecret } from '../secrets.ts';
import type { StageState } from '../stage-state.ts';
import { folderLayer } from './folder-layer.ts';
import { expandIn, type InstructionContext } from './instruction-context.ts';
import { layersOf, sourceOf } from './source-of.ts';

/** RUN's mounts as the sandbox takes them. */
export interface RunMounts {
  readonly mounts: readonly SandboxMount[];
  /** Variables that secrets and agents add; no part of any key. */
  readonly env: readonly string[];
  /** What the mounts add to the cache key: never a secret. */
  readonly keys: readonly unknown[];
}

interface Prepared {
  readonly mounts?: readonly SandboxMount[];
  readonly env?: readonly string[];
  readonly key: unknown;
}

export async function runMounts(
  context: InstructionContext,
  state: StageState,
  instruction: RunInstruction,
): Promise<RunMounts> {
  const prepared: Prepared[] = [];
  for (const flag of instruction.mounts) {
    const mount = parseMount(flag, (value) => expandIn(context, state, value));
    prepared.push(await prepare(context, state, mount, prepared.length));
  }
  return {
    mounts: prepared.flatMap(({ mounts }) => mounts ?? []),
    env: prepared.flatMap(({ env }) => env ?? []),
    keys: prepared.map(({ key }) => key),
  };
}

function prepare(
  context: InstructionContext,
  state: StageState,
  mount: Mount,
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

/** A target below the working folder may be relative; it is needed and cannot be the root. */
function targetOf(state: StageState, mount: Mount): string {
  const written = mount.target ?? '';
  const path = written.startsWith('/') ? written : `${state.config.WorkingDir || '/'}/${written}`;
  const target = cleanPath(`/${path}`);
  if (written !== '' && target !== '/') return target;
  throw new EngineError('DOCKERFILE', `a ${mount.type} mount needs a target other than /`, {
    hint: 'Write target=/path.',
  });
}

interface Origin {
  readonly layers: LayerStack;
  readonly source: string;
  readonly key: Digest;
}

/** What a bind mount or a new cache shows: a part of a stage, an image, a named context, or the build context. */
async function originOf(context: InstructionContext, mount: Mount): Promise<Origin> {
  const { run } = context;
  const source = cleanPath(`/${mount.source ?? ''}`);
  if (mount.from === undefined || mount.from === '') {
    return folderLayer(context, await run.sources.context({ signal: run.signal }), source);
  }
  const origin = sourceOf(context, 'run', mount.from);
  if (origin.kind === 'folder') {
    return folderLayer(context, await run.sources.namedFolder(origin.name, { signal: run.signal }), source);
  }
  const layers = (await layersOf(run, origin)) ?? [];
  const rootFs = await run.rootFs(layers);
  if (rootFs.stat(source) === undefined) {
    throw new EngineError('NOT_FOUND', `${source} is not in ${mount.from}`, {
      hint: "Check the mount's source.",
    });
  }
  return {
    layers,
    source,
    key: cacheKey(
      'layers',
      layers.map(({ diffId }) => diffId),
      source,
    ),
  };
}

async function prepareBind(context: InstructionContext, state: StageState, mount: Mount): Promise<Prepared> {
  const target = targetOf(state, mount);
  const { layers, source, key } = await originOf(context, mount);
  const { readOnly } = mount;
  return {
    mounts: [{ type: 'layers', target, layers, source, readOnly }],
    key: ['bind', target, key, readOnly],
  };
}

/** A cache that has an owner or a beginning of its own is another cache than one without. */
async function prepareCache(context: InstructionContext, state: StageState, mount: Mount): Promise<Prepared> {
  const target = targetOf(state, mount);
  const id = mount.id ?? target;
  const initial = mount.from === undefined || mount.from === '' ? undefined : await originOf(context, mount);
  const hasOwner = mount.uid !== undefined || mount.gid !== undefined || mount.mode !== undefined;
  const owner = hasOwner ? `${mount.uid ?? 0}:${mount.gid ?? 0}:${mount.mode ?? 0o755}` : '';
  const kind = [id, owner, initial?.key ?? ''].filter((part) => part !== '').join('\n');
  const cache: SandboxMount = {
    type: 'cache',
    target,
    id: kind,
    sharing: mount.sharing ?? 'shared',
    readOnly: mount.readOnly,
    uid: mount.uid ?? 0,
    gid: mount.gid ?? 0,
    mode: mount.mode ?? 0o755,
    initial,
  };
  return { mounts: [cache], key: ['cache', target, kind] };
}

function prepareTmpfs(state: StageState, mount: Mount): Prepared {
  const target = targetOf(state, mount);
  return {
    mounts: [{ type: 'tmpfs', target, sizeBytes: mount.sizeLimitBytes }],
    key: ['tmpfs', target, mount.sizeLimitBytes],
  };
}

/** The secret's file, its variable, or both. Its content is in no key: a changed secret runs nothing again. */
async function prepareSecret(
  context: InstructionContext,
  state: StageState,
  mount: Mount,
): Promise<Prepared> {
  const id = mount.id ?? mount.source ?? baseName(mount.target ?? '');
  const hasFile = mount.target !== undefined || mount.env === undefined;
  const target = mount.target === undefined ? `/run/secrets/${baseName(id)}` : targetOf(state, mount);
  const key = ['secret', id, hasFile ? target : undefined, mount.env];
  const content = await lookUpSecret(context.run, id);
  if (content === undefined) {
    if (!mount.required) return { key };
    throw new EngineError('NOT_FOUND', `the secret ${id} is required and was not given`, {
      hint: `Give it with --secret id=${id},src=FILE.`,
    });
  }
  const { uid = 0, gid = 0, mode = 0o400 } = mount;
  return {
    mounts: hasFile ? [{ type: 'secret', target, content, uid, gid, mode }] : [],
    env: mount.env === undefined ? [] : [`${mount.env}=${Buffer.from(content).toString()}`],
    key,
  };
}

function prepareSsh(context: InstructionContext, state: StageState, mount: Mount, index: number): Prepared {
  const id = mount.id ?? 'default';
  const target = mount.target === undefined ? `/run/buildkit/ssh_agent.${index}` : targetOf(state, mount);
  const key = ['ssh', id, target];
  const given = context.run.request.ssh.find((agent) => agent.id === id);
  const hostSocket =
    given === undefined ? undefined : (given.paths[0] ?? context.run.deps.env?.['SSH_AUTH_SOCK']);
  if (hostSocket === undefined) {
    if (!mount.required) return { key };
    throw new EngineError('NOT_FOUND', `the SSH agent ${id} is required and was not given`, {
      hint: `Give it with --ssh ${id}.`,
    });
  }
  const { uid = 0, gid = 0, mode = 0o600 } = mount;
  return {
    mounts: [{ type: 'ssh', target, hostSocket, uid, gid, mode }],
    env: [`SSH_AUTH_SOCK=${target}`],
    key,
  };
}

function baseName(path: string): string {
  return path.slice(path.lastIndexOf('/') + 1);
}
