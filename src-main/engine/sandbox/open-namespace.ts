import { spawn, type ChildProcess, type StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { EngineError } from '../../contract/errors.ts';
import { currentHostUser, firstUnmappedId, formatRanges, readIdMap, type IdMap } from './id-map.ts';
import { toolEnvironment } from './tool-environment.ts';

/**
 * A mount and a process namespace (as an ordinary user inside a user namespace) that lives as long as the engine:
 * a process that only waits holds it open. Every process inside ends when that one does, and that one ends when the
 * engine does, however it does. Mounts inside are seen by nobody else and vanish with it.
 */
export interface Namespace {
  /** True inside a user namespace: no real devices, and ids only below `idLimits`. */
  readonly rootless: boolean;
  /** The first uid and gid that no file can have here. */
  readonly idLimits: { readonly uid: number; readonly gid: number };
  /** Starts a tool of the host inside, as its root, in a process group of its own and with `/` as its folder. */
  spawn(args: readonly string[], stdio: StdioOptions): ChildProcess;
  /** False once it ended, by `close` or because someone killed the process that holds it. */
  isOpen(): boolean;
  /** Ends every process inside. */
  close(): Promise<void>;
}

/** Waits for the id map, sees the processes of its own namespace in /proc, and then holds until its input ends. */
const HOLD = `
echo unshared; read -r mapped || exit 1
exec 9<>"$1" || exit 1; flock -n 9 || exit 1
mount -n -t proc -o nosuid,nodev,noexec proc /proc || exit 1
trap '' CHLD; echo held
exec cat >/dev/null
`;

/** Opens the namespaces; `lockFile` is locked for as long as they live. SANDBOX_UNAVAILABLE when the system refuses. */
export async function openNamespace(lockFile: string): Promise<Namespace> {
  const map = await chooseIdMap();
  const holder = startHolder(map !== undefined, lockFile);
  try {
    await settle(holder, map);
  } catch (error) {
    holder.kill('SIGKILL');
    throw error;
  }
  letTheEngineEnd(holder);
  return createNamespace(holder, map);
}

/** Real root needs no user namespace: mknod works in a RUN then, and no device can be opened (see deviceMounts). */
async function chooseIdMap(): Promise<IdMap | undefined> {
  if (process.getuid?.() === 0) return undefined;
  const map = await readIdMap(currentHostUser());
  if (map === undefined) throw refused('no ids in /etc/subuid and /etc/subgid');
  return map;
}

function startHolder(userNamespace: boolean, lockFile: string): ChildProcess {
  const user = userNamespace ? ['--user'] : [];
  const flags = [...user, '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  return spawn('unshare', [...flags, 'sh', '-c', HOLD, 'hold', lockFile], {
    stdio: ['pipe', 'pipe', 'pipe'],
    env: toolEnvironment(),
    cwd: '/',
  });
}

async function settle(holder: ChildProcess, map: IdMap | undefined): Promise<void> {
  const lines = linesOf(holder);
  await lines.expect('unshared');
  if (map !== undefined && holder.pid !== undefined) await writeIdMap(holder.pid, map);
  holder.stdin?.write('mapped\n');
  await lines.expect('held');
}

function linesOf(holder: ChildProcess): { expect(word: string): Promise<void> } {
  const complaints: string[] = [];
  holder.stderr?.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const failed = new Promise<never>((_, reject) => {
    const refuse = (): void => reject(refused(complaints.join('').trim()));
    holder.once('error', refuse).once('close', refuse);
  });
  failed.catch(() => undefined);
  const reader = createInterface({ input: holder.stdout as NodeJS.ReadableStream });
  const lines = reader[Symbol.asyncIterator]();
  return {
    expect: async (word) => {
      const next = await Promise.race([lines.next(), failed]);
      if (next.done === true || next.value !== word) await failed;
    },
  };
}

function refused(complaint: string): EngineError {
  return new EngineError(
    'SANDBOX_UNAVAILABLE',
    `the system refuses the namespaces that RUN needs: ${complaint || 'unshare did not start'}`,
  );
}

async function writeIdMap(pid: number, map: IdMap): Promise<void> {
  await Promise.all([
    callMapper('newuidmap', [String(pid), ...formatRanges(map.uids)]),
    callMapper('newgidmap', [String(pid), ...formatRanges(map.gids)]),
  ]);
}

async function callMapper(tool: string, args: readonly string[]): Promise<void> {
  const child = spawn(tool, args, { stdio: ['ignore', 'ignore', 'pipe'], env: toolEnvironment() });
  const complaints: string[] = [];
  child.stderr.setEncoding('utf8').on('data', (text: string) => complaints.push(text));
  const [code] = (await once(child, 'close')) as [number | null];
  if (code !== 0) throw refused(complaints.join('').trim() || `${tool} failed`);
}

/** A waiting namespace must not keep the engine's process alive. */
function letTheEngineEnd(holder: ChildProcess): void {
  holder.unref();
  for (const stream of [holder.stdin, holder.stdout, holder.stderr]) {
    if (stream !== null && 'unref' in stream) (stream as unknown as { unref(): void }).unref();
  }
}

function createNamespace(holder: ChildProcess, map: IdMap | undefined): Namespace {
  const pid = String(holder.pid);
  const user = map === undefined ? [] : [`--user=/proc/${pid}/ns/user`];
  const enter = [...user, `--mount=/proc/${pid}/ns/mnt`, `--pid=/proc/${pid}/ns/pid_for_children`, '--'];
  return {
    rootless: map !== undefined,
    idLimits: {
      uid: map === undefined ? Infinity : firstUnmappedId(map.uids),
      gid: map === undefined ? Infinity : firstUnmappedId(map.gids),
    },
    spawn: (args, stdio) =>
      spawn('nsenter', [...enter, ...args], { stdio, env: toolEnvironment(), cwd: '/', detached: true }),
    isOpen: () => isRunning(holder),
    close: () => closeHolder(holder),
  };
}

/** How long the processes inside may take to be gone. */
const END_GRACE_MS = 5000;

/**
 * The holder waits until every process inside is gone, but not for good: one that hangs in the kernel, or that nobody
 * takes note of, holds up nothing but itself.
 */
async function closeHolder(holder: ChildProcess): Promise<void> {
  if (!isRunning(holder)) return;
  holder.ref();
  const ended = once(holder, 'exit');
  holder.stdin?.end();
  const timer = setTimeout(() => holder.kill('SIGKILL'), END_GRACE_MS);
  await ended;
  clearTimeout(timer);
}

function isRunning(child: ChildProcess): boolean {
  return child.exitCode === null && child.signalCode === null;
}
