import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { finished } from 'node:stream/promises';
import type { Readable } from 'node:stream';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { isAborted } from './is-aborted.ts';
import { isNodeError } from './is-node-error.ts';
import { PRIVATE_FOLDER, type Lane, type LaneOutputs } from './open-lane.ts';
import type { OverlayPlan } from './overlay-plan.ts';
import { quoteWords } from './quote-words.ts';
import { runtimeArguments, type Runtime } from './runtime.ts';
import { createTarEntry } from '../tar/tar-entry.ts';
import type { TerminalSize } from './sandbox.ts';
import { tarStream, type TreeEntry } from './tar-stream.ts';
import { writeEntries } from './write-entries.ts';

export interface Bundle {
  /** The run's folder on the host, empty. */
  readonly folder: string;
  readonly id: string;
  readonly runtime: Runtime;
  /** The runtime's configuration. */
  readonly spec: object;
  /** Whether the configuration holds secrets: then it is in memory only, and what the runtime makes of it too. */
  readonly isSecret: boolean;
  /** What is put into the folder first. */
  readonly entries: readonly TreeEntry[];
  /** Mounted in order. */
  readonly overlays: readonly OverlayPlan[];
  readonly stdin?: Uint8Array | undefined;
  /** A terminal that the command gets, in which it reads what is sent to the lane. */
  readonly terminal?: TerminalSize | undefined;
}

export interface RunBundleOptions extends LongOptions {
  readonly lane: Lane;
  readonly onOutput: (stream: 'stdout' | 'stderr', bytes: Uint8Array) => void;
  /** Told the device of the command's terminal once what is sent to the lane goes there. */
  readonly onTerminal?: (device: string) => void;
}

/** In the run's folder: what the command reads. */
const STDIN_FILE = 'stdin';

/**
 * Runs a bundle to its end and answers its exit code. BUILD_FAILED when the command could not be started. The mounts
 * stay as long as the run's folder, unless the lane is killed, which takes them with it.
 */
export async function runBundle(
  bundle: Bundle,
  { lane, onOutput, signal, onTerminal }: RunBundleOptions,
): Promise<number> {
  if (isAborted(signal)) throw cancelled('the command');
  const outputs = lane.listen();
  const passed = passOn(outputs, onOutput);
  const left = await archiveOf(writeEntries(bundle.folder, entriesOf(bundle)));
  const tellTerminal = (line: string): void => {
    if (line.startsWith('/dev/pts/')) onTerminal?.(line);
  };
  const called = lane.call(scriptOf(bundle, outputs, left.length), left, tellTerminal);
  const { lines } = await called.catch((error: unknown) => {
    throw isAborted(signal) ? cancelled('the command') : error;
  });
  const exit = /^exit (\d+)$/.exec(lines.at(-1) ?? '')?.[1];
  if (exit === undefined) throw setupFailed(lines);
  await passed;
  if (isAborted(signal)) throw cancelled('the command');
  if (exit !== '0') await checkStarted(bundle);
  return Number(exit);
}

function scriptOf(bundle: Bundle, outputs: LaneOutputs, leftBytes: number): string {
  const { folder, runtime, id } = bundle;
  const overlays = bundle.overlays.flatMap(({ folder, lower }) => [folder === '' ? '.' : folder, lower]);
  const memory = usesMemory(bundle) ? 'yes' : 'no';
  const enter = ['enter', folder, memory, String(leftBytes), ...overlays];
  const run = runtimeArguments(runtime, { folder, state: bundleFolder(bundle), id });
  return `${quoteWords(enter)} && {
    ${startOf(bundle, run)} ${outputs.redirection} 3<&-; echo "exit $?"; }; cd /`;
}

/**
 * A terminal is script(1)'s, which passes on what comes in; the runtime makes another inside. Its
 * own takes nothing amiss from the start: what is typed early must reach the one inside as it is.
 */
function startOf({ folder, stdin, terminal }: Bundle, run: readonly string[]): string {
  if (terminal === undefined) {
    return `${quoteWords(run)} <${quoteWords([stdin === undefined ? '/dev/null' : join(folder, STDIN_FILE)])}`;
  }
  const { rows, columns } = terminal;
  const inside = `stty raw -echo rows ${rows} cols ${columns}; tty >&9; exec ${quoteWords(run)} 9>&-`;
  return `${quoteWords(['script', '-q', '-f', '-e', '-c', inside, '/dev/null'])} 9>&1 <&3`;
}

function bundleFolder({ folder, isSecret }: Bundle): string {
  return isSecret ? join(folder, PRIVATE_FOLDER) : folder;
}

function usesMemory({ entries, isSecret }: Pick<Bundle, 'entries' | 'isSecret'>): boolean {
  return isSecret || entries.some(({ entry }) => entry.path.startsWith(`${PRIVATE_FOLDER}/`));
}

function entriesOf({ entries, stdin, spec, isSecret }: Bundle): readonly TreeEntry[] {
  const config = file(
    isSecret ? `${PRIVATE_FOLDER}/config.json` : 'config.json',
    Buffer.from(JSON.stringify(spec)),
  );
  return [...entries, config, ...(stdin === undefined ? [] : [file(STDIN_FILE, stdin)])];
}

function file(path: string, content: Uint8Array): TreeEntry {
  return { entry: createTarEntry({ path, type: 'file', sizeBytes: content.length }), content };
}

/** What tar has to make; no bytes for nothing. */
async function archiveOf(entries: readonly TreeEntry[]): Promise<Uint8Array> {
  const pieces: Uint8Array[] = [];
  if (entries.length > 0) for await (const piece of tarStream(entries)) pieces.push(piece);
  return Buffer.concat(pieces);
}

/** Passes on what the command says until both its outputs have ended. */
async function passOn(outputs: LaneOutputs, onOutput: RunBundleOptions['onOutput']): Promise<void> {
  const pass = (stream: 'stdout' | 'stderr', from: Readable): Promise<void> => {
    from.on('data', (bytes: Uint8Array) => onOutput(stream, bytes));
    // One that is closed before its end belongs to a lane that was killed, which is told elsewhere.
    return finished(from, { writable: false }).catch(() => undefined);
  };
  await Promise.all([pass('stdout', outputs.stdout), pass('stderr', outputs.stderr)]);
}

function setupFailed(lines: readonly string[]): EngineError {
  const said = lines.join('; ');
  if (said.includes('No space left on device')) return new EngineError('NO_SPACE', 'the disk is full');
  return new EngineError('SANDBOX_UNAVAILABLE', `could not set up the sandbox: ${said || 'it was killed'}`);
}

/** What the runtime logs as an error is why there was no command to have an exit code. */
async function checkStarted({ folder, runtime }: Bundle): Promise<void> {
  const log = await readLog(join(folder, 'runtime.log'));
  const complaint = runtime.complaint(log);
  if (complaint === undefined) return;
  const hint = /rlimit/i.test(complaint)
    ? 'Only root can raise a limit above its own: choose a smaller --ulimit.'
    : undefined;
  throw new EngineError('BUILD_FAILED', `the command could not be started: ${complaint}`, { hint });
}

async function readLog(path: string): Promise<string> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return '';
    throw error;
  }
}
