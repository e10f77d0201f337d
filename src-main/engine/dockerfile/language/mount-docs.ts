import type { MountType } from '../parse-mount.ts';

/** What a mount of each type is for. */
export const MOUNT_TYPES: Readonly<Record<MountType, string>> = {
  bind: 'Files of the build context, a stage or an image; changes are thrown away.',
  cache: 'A folder that stays between builds: for package managers and compilers.',
  tmpfs: 'An empty folder in memory.',
  secret: 'A secret that the build is given with --secret; it stays out of the image.',
  ssh: 'The SSH agent that the build is given with --ssh.',
};

/** A key of a mount. */
export interface MountKeyDoc {
  readonly text: string;
  readonly types: readonly MountType[];
  /** True where the key may stand without a value. */
  readonly isSwitch?: boolean;
  readonly values?: readonly string[];
}

const ALL: readonly MountType[] = ['bind', 'cache', 'tmpfs', 'secret', 'ssh'];
const OWNED: readonly MountType[] = ['cache', 'secret', 'ssh'];
const BOOLEANS = ['true', 'false'];

/** The keys of `RUN --mount`, those that one writes most first. */
export const MOUNT_KEYS: Readonly<Record<string, MountKeyDoc>> = {
  type: { text: 'What is mounted; bind unless given.', types: ALL, values: Object.keys(MOUNT_TYPES) },
  target: { text: 'The path in the container.', types: ALL },
  source: { text: 'The path in what it is taken from.', types: ['bind', 'cache'] },
  from: { text: 'The stage, image or named context that it is taken from.', types: ['bind', 'cache'] },
  id: { text: 'The name of the cache, the secret or the agent.', types: OWNED },
  env: { text: 'The environment variable that holds the secret.', types: ['secret'] },
  required: {
    text: 'Ends the build when it is not given.',
    types: ['secret', 'ssh'],
    isSwitch: true,
    values: BOOLEANS,
  },
  sharing: {
    text: 'Whether several steps may use the cache at once.',
    types: ['cache'],
    values: ['shared', 'private', 'locked'],
  },
  readonly: {
    text: 'Nothing can be written to it.',
    types: ['bind', 'cache'],
    isSwitch: true,
    values: BOOLEANS,
  },
  readwrite: { text: 'It can be written to.', types: ['bind', 'cache'], isSwitch: true, values: BOOLEANS },
  size: { text: 'The most that it may hold: 64m, 1g.', types: ['tmpfs'] },
  mode: { text: 'Its mode as an octal number.', types: OWNED, values: ['0755', '0700', '0600', '0400'] },
  uid: { text: 'The number of its owner.', types: OWNED },
  gid: { text: 'The number of its group.', types: OWNED },
};

const ALIASES: Readonly<Record<string, string>> = {
  src: 'source',
  dst: 'target',
  destination: 'target',
  ro: 'readonly',
  rw: 'readwrite',
};

/** The name under which a key is described. */
export function mountKeyName(key: string): string {
  const lower = key.toLowerCase();
  return ALIASES[lower] ?? lower;
}
