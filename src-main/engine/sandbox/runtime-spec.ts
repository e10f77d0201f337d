import type { SandboxCommand, TerminalSize } from './sandbox.ts';
import type { ContainerUser } from './look-up-user.ts';
import { createSeccompProfile } from './seccomp-profile.ts';

/** A mount as the runtime-spec has it (config.md#mounts). */
export interface SpecMount {
  readonly destination: string;
  readonly type: string;
  readonly source: string;
  readonly options: readonly string[];
}

export interface RuntimeSpecInput {
  readonly command: SandboxCommand;
  readonly user: ContainerUser;
  /** The root file system, on the host. */
  readonly rootFolder: string;
  /** Mounts of the command, in order, after the usual ones. */
  readonly mounts: readonly SpecMount[];
  readonly rootless: boolean;
  /** Whether the runtime takes `nodev` off the root file system. */
  readonly losesNodev: boolean;
  /** The terminal that the command has. */
  readonly terminal?: TerminalSize | undefined;
}

/** What a container is usually left with (and RUN instructions count on). */
export const CAPABILITIES: readonly string[] = [
  'CAP_AUDIT_WRITE',
  'CAP_CHOWN',
  'CAP_DAC_OVERRIDE',
  'CAP_FOWNER',
  'CAP_FSETID',
  'CAP_KILL',
  'CAP_MKNOD',
  'CAP_NET_BIND_SERVICE',
  'CAP_NET_RAW',
  'CAP_SETFCAP',
  'CAP_SETGID',
  'CAP_SETPCAP',
  'CAP_SETUID',
  'CAP_SYS_CHROOT',
];

const MASKED_PATHS = [
  '/proc/acpi',
  '/proc/asound',
  '/proc/interrupts',
  '/proc/kcore',
  '/proc/keys',
  '/proc/latency_stats',
  '/proc/sched_debug',
  '/proc/scsi',
  '/proc/timer_list',
  '/proc/timer_stats',
  '/sys/devices/virtual/powercap',
  '/sys/firmware',
];

const READONLY_PATHS = ['/proc/bus', '/proc/fs', '/proc/irq', '/proc/sys', '/proc/sysrq-trigger'];

const DEVICES = ['full', 'null', 'random', 'tty', 'urandom', 'zero'];
const DEFAULT_SHM_BYTES = 64 * 1024 * 1024;
const UMASK = 0o022;

/** The configuration of one command for an OCI runtime (runtime-spec, config.md). */
export function createRuntimeSpec(input: RuntimeSpecInput): object {
  const { command, user } = input;
  return {
    ociVersion: '1.0.2',
    root: { path: input.rootFolder, readonly: false },
    hostname: command.hostname,
    process: {
      ...terminalOf(input.terminal),
      args: command.args,
      env: withHome([...command.env, ...command.secretEnv], user.home),
      cwd: command.cwd,
      user: { uid: user.uid, gid: user.gid, additionalGids: user.groups, umask: UMASK },
      capabilities: capabilitiesOf(user),
      noNewPrivileges: true,
      rlimits: (command.ulimits ?? []).map(({ name, soft, hard }) => ({
        type: `RLIMIT_${name.toUpperCase()}`,
        soft: limit(soft),
        hard: limit(hard),
      })),
    },
    mounts: [...rootMount(input), ...systemMounts(input), ...input.mounts],
    linux: {
      namespaces: namespacesOf(command),
      maskedPaths: MASKED_PATHS,
      readonlyPaths: READONLY_PATHS,
      seccomp: createSeccompProfile(),
    },
  };
}

/** A runtime gives the terminal inside no size unless it is told one. */
function terminalOf(size: TerminalSize | undefined): object {
  if (size === undefined) return { terminal: false };
  return { terminal: true, consoleSize: { height: size.rows, width: size.columns } };
}

/** RLIM_INFINITY is no number that JavaScript has. */
const UNLIMITED = (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON('18446744073709551615');

function limit(value: number): unknown {
  return value < 0 ? UNLIMITED : value;
}

function withHome(env: readonly string[], home: string): readonly string[] {
  return env.some((pair) => pair.startsWith('HOME=')) ? env : [...env, `HOME=${home}`];
}

/** Only root starts with its capabilities; the others may gain none. */
function capabilitiesOf(user: ContainerUser): object {
  const held = user.uid === 0 ? CAPABILITIES : [];
  return { bounding: CAPABILITIES, effective: held, permitted: held };
}

function namespacesOf(command: SandboxCommand): readonly object[] {
  const types = ['pid', 'ipc', 'uts', 'mount', ...(command.network === 'none' ? ['network'] : [])];
  return types.map((type) => ({ type }));
}

/** `/.`, for `/` itself is no target of a mount. That it has come to pass is seen by the probe. */
function rootMount({ rootFolder, losesNodev }: RuntimeSpecInput): readonly SpecMount[] {
  if (!losesNodev) return [];
  return [{ destination: '/.', type: 'bind', source: rootFolder, options: ['bind', 'remount', 'nodev'] }];
}

function systemMounts(input: RuntimeSpecInput): readonly SpecMount[] {
  const shmBytes = input.command.shmSizeBytes ?? DEFAULT_SHM_BYTES;
  return [
    mount('/proc', 'proc', ['nosuid', 'noexec', 'nodev']),
    mount('/dev', 'tmpfs', ['nosuid', 'nodev', 'mode=755', 'size=65536k']),
    ...deviceMounts(input.rootless),
    mount('/dev/pts', 'devpts', ['nosuid', 'noexec', 'newinstance', 'ptmxmode=0666', 'mode=0620', 'gid=5']),
    mount('/dev/shm', 'tmpfs', ['nosuid', 'noexec', 'nodev', 'mode=1777', `size=${shmBytes}`]),
    mount('/dev/mqueue', 'mqueue', ['nosuid', 'noexec', 'nodev']),
    sysMount(input),
  ];
}

/**
 * /dev and all that the command can write to is mounted nodev, so a device that it makes with mknod is of no use to it;
 * the harmless ones are the host's own, bound over (which runtimes do by themselves in a user namespace).
 */
function deviceMounts(rootless: boolean): readonly SpecMount[] {
  if (rootless) return [];
  return DEVICES.map((name) => ({
    destination: `/dev/${name}`,
    type: 'bind',
    source: `/dev/${name}`,
    options: ['bind', 'nosuid', 'noexec'],
  }));
}

/** A user namespace may mount sysfs only for a network of its own. */
function sysMount({ rootless, command }: RuntimeSpecInput): SpecMount {
  const options = ['nosuid', 'noexec', 'nodev', 'ro'];
  if (!rootless || command.network === 'none') return mount('/sys', 'sysfs', options);
  return { destination: '/sys', type: 'bind', source: '/sys', options: ['rbind', ...options] };
}

function mount(destination: string, type: string, options: readonly string[]): SpecMount {
  return { destination, type, source: type, options };
}
