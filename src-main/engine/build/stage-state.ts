import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { LayerStack } from '../sandbox/sandbox.ts';
import { absoluteWorkdir } from './absolute-workdir.ts';
import { tocContentDigest } from '../filetree/toc-content-digest.ts';
import { digestOf } from '../oci/digest.ts';
import type { Moment } from '../store/store.ts';
import type { ContainerConfig, HistoryEntry, ImageConfig } from '../oci/image-config.ts';

/** Where programs are looked up when nothing says otherwise. */
const DEFAULT_PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';

/** A build argument that a stage has declared. */
export interface DeclaredArgument {
  readonly name: string;
  readonly value: string | undefined;
}

/** A stage between two instructions: what the image would be, and what the next instruction sees. Never changed. */
export interface StageState {
  readonly platform: Platform;
  readonly config: ContainerConfig;
  readonly author: string | undefined;
  /** Members of the base image's config that are not ours to change (os.version…). */
  readonly inherited: Readonly<Record<string, unknown>>;
  /** A metadata instruction has no time of its own: it is filled in when the image is written. */
  readonly history: readonly HistoryEntry[];
  /** How many of them are those of the image that it all started from. */
  readonly baseHistory: number;
  readonly layers: LayerStack;
  /** Stands for the content of the root file system, without times. */
  readonly key: Digest;
  /** Variables that instructions and RUN see: ENV and ARG in the order in which they were set. */
  readonly env: ReadonlyMap<string, string>;
  readonly args: readonly DeclaredArgument[];
  /** CMD was given in this stage: then ENTRYPOINT keeps it. */
  readonly ownCmd: boolean;
}

export const EMPTY_KEY = digestOf('varve root file system: empty');

const EMPTY_LAYER = tocContentDigest([]);

/** The key of a root file system with one more layer; a layer without entries leaves it as it is. */
export function keyWithLayer(key: Digest, contentDigest: Digest): Digest {
  return contentDigest === EMPTY_LAYER ? key : digestOf(`${key} ${contentDigest}`);
}

/** FROM scratch. */
export function scratchState(platform: Platform): StageState {
  return {
    platform,
    config: { Env: [`PATH=${DEFAULT_PATH}`], WorkingDir: '/' },
    author: undefined,
    inherited: {},
    history: [],
    baseHistory: 0,
    layers: [],
    key: EMPTY_KEY,
    env: new Map([['PATH', DEFAULT_PATH]]),
    args: [],
    ownCmd: false,
  };
}

const OWN_MEMBERS = ['created', 'author', 'architecture', 'os', 'variant', 'config', 'rootfs', 'history'];

/** FROM an image; its ONBUILD triggers are taken out, the caller runs them. */
export function imageState(
  config: ImageConfig,
  platform: Platform,
  layers: LayerStack,
  key: Digest,
): StageState {
  const { OnBuild: _triggers, ...container } = config.config ?? {};
  const inherited = Object.entries(config).filter(([name]) => !OWN_MEMBERS.includes(name));
  return {
    platform,
    config: container,
    author: config.author,
    inherited: Object.fromEntries(inherited),
    history: config.history ?? [],
    baseHistory: config.history?.length ?? 0,
    layers,
    key,
    env: new Map((container.Env ?? []).map(splitVariable)),
    args: [],
    ownCmd: false,
  };
}

/** FROM an earlier stage: everything is inherited but the ONBUILD triggers, which the caller runs. */
export function childState(parent: StageState): StageState {
  const { OnBuild: _triggers, ...container } = parent.config;
  return { ...parent, config: container, ownCmd: false };
}

/**
 * What a stage's first instruction sees of its base: PATH is always set, the working folder is absolute, and the
 * variables of the image win over build arguments of the same name that the base's stage left.
 */
export function openedState(state: StageState): StageState {
  const path = state.platform.os === 'windows' ? [] : [`PATH=${DEFAULT_PATH}`];
  const own = state.config.Env ?? [];
  const Env = own.some((line) => splitVariable(line)[0] === 'PATH') ? own : [...own, ...path];
  const { WorkingDir } = state.config;
  const workdir = WorkingDir ? { WorkingDir: absoluteWorkdir(WorkingDir, WorkingDir) } : {};
  const opened = { ...state, config: { ...state.config, Env, ...workdir } };
  return Env.map(splitVariable).reduce<StageState>(
    (next, [name, value]) => withVariable(next, name, value),
    opened,
  );
}

export function splitVariable(line: string): [string, string] {
  const equals = line.indexOf('=');
  return equals < 0 ? [line, ''] : [line.slice(0, equals), line.slice(equals + 1)];
}

/** The state after an instruction that changes only the config. */
export function withMetadata(state: StageState, change: Partial<ContainerConfig>, text: string): StageState {
  return withHistory({ ...state, config: { ...state.config, ...change } }, text);
}

export function withHistory(state: StageState, text: string): StageState {
  return { ...state, history: [...state.history, metadataEntry(text)] };
}

const COMMENT = 'buildkit.dockerfile.v0';

function metadataEntry(text: string): HistoryEntry {
  return { created_by: text, comment: COMMENT, empty_layer: true };
}

/** A layer that an instruction made, now or in an earlier build. */
export interface MadeLayer {
  readonly layer: LayerStack[number];
  /** The layer's meaning without times, see `Toc.contentDigest`. */
  readonly contentDigest: Digest;
  readonly created: string;
  /** When the making of it began; absent where that is of no use any more, or was elsewhere. */
  readonly began?: Moment | undefined;
}

/** The state on top of which the layer lies now. */
export function withLayer(state: StageState, made: MadeLayer, text: string): StageState {
  const entry = { created: made.created, created_by: text, comment: COMMENT };
  return {
    ...state,
    layers: [...state.layers, made.layer],
    key: keyWithLayer(state.key, made.contentDigest),
    history: [...state.history, entry],
  };
}

/** The variable set. One that was set before is now the last: commands see the order of the last settings. */
export function withVariable(state: StageState, name: string, value: string): StageState {
  const env = new Map(state.env);
  env.delete(name);
  return { ...state, env: env.set(name, value) };
}
