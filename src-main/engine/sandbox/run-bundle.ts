import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import type { ChildProcess } from 'node:child_process';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { isNodeError } from './is-node-error.ts';
import { killGroup, killTree } from './kill-tree.ts';
import type { Namespace } from './open-namespace.ts';
import type { OverlayPlan } from './overlay-plan.ts';
import { runtimeArguments, type Runtime } from './runtime.ts';
import { collectText } from './run-tool.ts';
import { createTarEntry } from '../tar/tar-entry.ts';
import { EXTRACT, tarStream, type TreeEntry } from './tar-stream.ts';

export interface Bundle {
  /** The run's folder on the host, empty. */
  readonly folder: string;
  readonly id: string;
  readonly runtime: Runtime;
  /** What is put into the folder first: the runtime's configuration among it. */
  readonly entries: readonly TreeEntry[];
  /** Mounted in order. */
  readonly overlays: readonly OverlayPlan[];
  readonly stdin?: Uint8Array | undefined;
}

export interface RunBundleOptions extends LongOptions {
  readonly namespace: Namespace;
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
}

/**
 * `volatile`: the upper folder is of no use after a crash, so nothing need ever be written out for its sake, whatever
 * the command asks. `nodev`: see deviceMounts. `userxattr` keeps redirected folders and metadata-only copies off.
 */
const OVERLAY_OPTIONS = 'nodev,userxattr,volatile,index=off,xino=off,upperdir=upper,workdir=work';

/** In the run's folder: where secrets lie, in memory only. */
export const PRIVATE_FOLDER = 'private';
/** In the run's folder: what the command reads. */
const STDIN_FILE = 'stdin';

/**
 * Fills the run's folder from input 3, mounts, and runs; what goes wrong before is said on output 4, as are the two
 * steps that were reached. All mounts are in a namespace that ends with this script. The command writes to pipes, for
 * Node gives its children sockets, and a socket cannot be opened as `/dev/stdout`.
 */
const SCRIPT = `
set -e; exec 5>&1 6>&2 2>&4; umask 022
cd "$1"; cgroups=$2; input=$3; secrets=$4; shift 4
if [ "$secrets" = yes ]; then
  mkdir ${PRIVATE_FOLDER}; mount -n -i -t tmpfs -o mode=700,nosuid,nodev private ${PRIVATE_FOLDER}
fi
${EXTRACT.map((word) => `'${word}'`).join(' ')} <&3; exec 3<&-
while [ "$1" != -- ]; do
  (cd "./$1"; mount -n -i -t overlay -o "${OVERLAY_OPTIONS},lowerdir=$2" overlay root)
  shift 2
done; shift
if [ "$cgroups" = hidden ]; then mount -n -i -t tmpfs -o ro,nosuid,nodev,noexec none /sys/fs/cgroup; fi
echo ready >&4
{ {
  code=0; "$@" <"$input" 2>&1 1>&7 4>&- 5>&- 6>&- 7>&- || code=$?
  echo "exit $code" >&4
} | cat >&6; } 7>&1 | cat >&5
`;

/** Runs a bundle to its end and answers its exit code. BUILD_FAILED when the command could not be started. */
export async function runBundle(bundle: Bundle, options: RunBundleOptions): Promise<number> {
  const { signal } = options;
  checkSignal(options);
  const child = startScript(bundle, options.namespace);
  const cancel = (): void => killSoon(child);
  signal?.addEventListener('abort', cancel, { once: true });
  try {
    const report = await follow(child, bundle, options);
    checkSignal(options);
    return await exitCodeOf(report, bundle);
  } finally {
    signal?.removeEventListener('abort', cancel);
    killTree(child);
  }
}

function startScript(bundle: Bundle, namespace: Namespace): ChildProcess {
  const overlays = bundle.overlays.flatMap(({ folder, lower }) => [folder === '' ? '.' : folder, lower]);
  const unshare = ['unshare', '--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child'];
  const input = bundle.stdin === undefined ? '/dev/null' : STDIN_FILE;
  const isSecret = ({ entry }: TreeEntry): boolean => entry.path.startsWith(`${PRIVATE_FOLDER}/`);
  const secrets = bundle.entries.some(isSecret) ? 'yes' : 'no';
  const script = [
    '--mount-proc',
    'sh',
    '-c',
    SCRIPT,
    'run',
    bundle.folder,
    bundle.runtime.cgroups,
    input,
    secrets,
  ];
  return namespace.spawn(
    [...unshare, ...script, ...overlays, '--', ...runtimeArguments(bundle.runtime, bundle.folder, bundle.id)],
    ['ignore', 'pipe', 'pipe', 'pipe', 'pipe'],
  );
}

/** How long a killed command may take to be gone before everything that waits for it is killed too. */
const KILL_GRACE_MS = 700;

function killSoon(child: ChildProcess): void {
  killTree(child);
  const timer = setTimeout(() => killGroup(child), KILL_GRACE_MS);
  child.once('close', () => clearTimeout(timer));
}

/** Feeds the script and passes on what the command says, until both are done; answers what the script reported. */
async function follow(child: ChildProcess, bundle: Bundle, options: RunBundleOptions): Promise<string> {
  const [, stdout, stderr, tree, status] = child.stdio;
  const report = collectText(status as NodeJS.ReadableStream);
  stdout?.on('data', (bytes: Uint8Array) => options.onOutput('stdout', bytes));
  stderr?.on('data', (bytes: Uint8Array) => options.onOutput('stderr', bytes));
  const ended = once(child, 'close');
  ended.catch(() => undefined);
  await Promise.all([ended, send(tarStream(entriesOf(bundle)), tree as NodeJS.WritableStream)]);
  return report();
}

function entriesOf({ entries, stdin }: Bundle): readonly TreeEntry[] {
  if (stdin === undefined) return entries;
  const entry = createTarEntry({ path: STDIN_FILE, type: 'file', sizeBytes: stdin.length });
  return [...entries, { entry, content: stdin }];
}

/** A script that ends without having read everything is judged by how it ended. */
async function send(bytes: AsyncIterable<Uint8Array>, to: NodeJS.WritableStream): Promise<void> {
  try {
    await pipeline(Readable.from(bytes, { objectMode: false }), to);
  } catch (error) {
    const codes = ['EPIPE', 'ECONNRESET', 'ERR_STREAM_PREMATURE_CLOSE'];
    if (!codes.some((code) => isNodeError(error, code))) throw error;
  }
}

async function exitCodeOf(report: string, bundle: Bundle): Promise<number> {
  const lines = report.split('\n');
  const exit = /^exit (\d+)$/.exec(lines.at(-1) ?? '')?.[1];
  if (exit === undefined) throw setupFailed(lines);
  if (exit !== '0') await checkStarted(bundle);
  return Number(exit);
}

function setupFailed(lines: readonly string[]): EngineError {
  const said = lines.filter((line) => line !== 'ready').join('; ');
  if (said.includes('No space left on device')) return new EngineError('NO_SPACE', 'the disk is full');
  return new EngineError('SANDBOX_UNAVAILABLE', `could not set up the sandbox: ${said || 'it was killed'}`);
}

/** What the runtime logs as an error is why there was no command to have an exit code. */
async function checkStarted({ folder, runtime }: Bundle): Promise<void> {
  const log = await readLog(join(folder, 'runtime.log'));
  const complaint = runtime.complaint(log);
  if (complaint === undefined) return;
  throw new EngineError('BUILD_FAILED', `the command could not be started: ${complaint}`);
}

async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return '';
    throw error;
  }
}

function checkSignal({ signal }: LongOptions): void {
  if (signal?.aborted === true) throw cancelled('the command');
}
