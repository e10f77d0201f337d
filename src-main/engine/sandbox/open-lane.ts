import type { ChildProcess } from 'node:child_process';
import { constants, openSync } from 'node:fs';
import { mkdir } from 'node:fs/promises';
import { Socket } from 'node:net';
import { join } from 'node:path';
import type { Readable, Writable } from 'node:stream';
import { EngineError } from '../../contract/errors.ts';
import { killGroup, killTree } from './kill-tree.ts';
import type { Namespace } from './open-namespace.ts';
import { quoteWords } from './quote-words.ts';
import type { Runtime } from './runtime.ts';
import { EXTRACT } from './tar-stream.ts';

/**
 * A shell in a mount and a process namespace of its own inside the engine's, which is told piece by piece what to do:
 * to start anew for each command what sets it up would cost more than most commands. One command at a time uses it.
 * What is killed with it: everything that was started in it.
 */
export interface Lane {
  /**
   * Runs shell code to its end, after the code before it. What it writes to its outputs is answered as lines, and told
   * line by line; `input` is what it finds on its input 3. IO when the lane ends before the code does.
   */
  call(code: string, input?: Uint8Array, onLine?: (line: string) => void): Promise<LaneReply>;
  /** Writes to input 3 of the code that runs. */
  send(input: Uint8Array): void;
  /** Opens the two outputs for the next call; each ends when all have closed it that the call started. */
  listen(): LaneOutputs;
  isOpen(): boolean;
  /** Ends everything in it at once. */
  kill(): void;
  /** Ends it and waits until nothing of it is left. Idempotent. */
  close(): Promise<void>;
}

export interface LaneReply {
  readonly status: number;
  readonly lines: readonly string[];
}

/** Named pipes: a program can open them again as `/dev/stdout`, which it cannot do with Node's sockets. */
export interface LaneOutputs {
  /** The words that send a command's two outputs there. */
  readonly redirection: string;
  readonly stdout: Readable;
  readonly stderr: Readable;
}

export interface LaneOptions {
  readonly namespace: Namespace;
  /** A folder of the lane's own, made here. */
  readonly folder: string;
  readonly cgroups: Runtime['cgroups'];
}

/** Names of what a run's folder holds, see `run-bundle.ts`. */
export const PRIVATE_FOLDER = 'private';

/**
 * `volatile`: the upper folder is of no use after a crash, so nothing need ever be written out for its sake, whatever
 * the command asks. `nodev`: see deviceMounts. `userxattr` keeps redirected folders and metadata-only copies off.
 */
const OVERLAY_OPTIONS = 'nodev,userxattr,volatile,index=off,xino=off,upperdir=upper,workdir=work';

/**
 * `enter FOLDER SECRETS BYTES [OVERLAY LOWER]…` fills a run's folder with the archive of so many bytes that comes on
 * input 3, and mounts; secrets lie in memory. All of it happens in the lane's mount namespace and ends with it.
 */
const PRELUDE = `
umask 022; exec 2>&1
enter() {
  cd "$1" || return
  if [ "$2" = yes ]; then
    mkdir ${PRIVATE_FOLDER} && mount -n -i -t tmpfs -o mode=700,nosuid,nodev private ${PRIVATE_FOLDER} || return
  fi
  if [ "$3" != 0 ]; then head -c "$3" <&3 | ${quoteWords(EXTRACT)} || return; fi
  shift 3
  while [ "$#" -gt 0 ]; do
    (cd "./$1" && exec mount -n -i -t overlay -o "${OVERLAY_OPTIONS},lowerdir=$2" overlay root) || return
    shift 2
  done
}
`;

/** Read-only where they are shown, for a runtime that is killed would leave some behind. */
const CGROUPS: Readonly<Record<Runtime['cgroups'], string>> = {
  hidden: 'mount -n -i -t tmpfs -o ro,nosuid,nodev,noexec none /sys/fs/cgroup',
  shown: `for each in /sys/fs/cgroup /sys/fs/cgroup/*; do
    if mountpoint -q "$each"; then mount -n --bind -o ro,nosuid,nodev,noexec "$each" "$each" || break; fi
  done`,
};

/** Opens a lane. SANDBOX_UNAVAILABLE when its namespaces are refused. */
export async function openLane({ namespace, folder, cgroups }: LaneOptions): Promise<Lane> {
  await mkdir(folder, { mode: 0o700 });
  const flags = ['--mount', '--propagation', 'private', '--pid', '--fork', '--kill-child', '--mount-proc'];
  const child = namespace.spawn(['unshare', ...flags, 'sh'], ['pipe', 'pipe', 'pipe', 'pipe']);
  const lane = new ShellLane(child, folder);
  const pipes = `mkfifo -m 666 ${quoteWords([join(folder, 'out'), join(folder, 'err')])}`;
  const reply = await lane.start(`${pipes} && ${CGROUPS[cgroups]}`);
  if (reply.status === 0) return lane;
  await lane.close();
  throw new EngineError('SANDBOX_UNAVAILABLE', `could not set up the sandbox: ${reply.lines.join('; ')}`);
}

/** How long what was killed may take to be gone before everything that waits for it is killed too. */
const KILL_GRACE_MS = 700;

interface Waiting {
  readonly lines: string[];
  readonly onLine: ((line: string) => void) | undefined;
  readonly resolve: (reply: LaneReply) => void;
  readonly reject: (error: EngineError) => void;
}

class ShellLane implements Lane {
  readonly #child: ChildProcess;
  readonly #folder: string;
  readonly #ended: Promise<void>;
  readonly #complaints: string[] = [];
  readonly #waiting: Waiting[] = [];
  #outputs: readonly Socket[] = [];
  #rest = '';
  #isOpen = true;

  constructor(child: ChildProcess, folder: string) {
    this.#child = child;
    this.#folder = folder;
    this.#ended = new Promise((resolve) => {
      const end = (): void => (this.#end(), resolve());
      child.once('close', end).once('error', end);
    });
    child.stdout?.setEncoding('utf8').on('data', (text: string) => this.#take(text));
    child.stderr?.setEncoding('utf8').on('data', (text: string) => this.#complaints.push(text));
    for (const pipe of [child.stdin, child.stdio[3]]) pipe?.on('error', () => this.kill());
  }

  start(code: string): Promise<LaneReply> {
    this.#child.stdin?.write(PRELUDE);
    return this.call(code);
  }

  call(code: string, input?: Uint8Array, onLine?: (line: string) => void): Promise<LaneReply> {
    if (!this.#isOpen) return Promise.reject(this.#gone());
    this.#hold(true);
    return new Promise((resolve, reject) => {
      this.#waiting.push({ lines: [], onLine, resolve, reject });
      this.#child.stdin?.write(`{ ${code}\n} </dev/null; echo "= $?"\n`);
      if (input !== undefined) this.send(input);
    });
  }

  send(input: Uint8Array): void {
    if (this.#isOpen) (this.#child.stdio[3] as Writable | null)?.write(input);
  }

  listen(): LaneOutputs {
    const paths = [join(this.#folder, 'out'), join(this.#folder, 'err')] as const;
    const [stdout, stderr] = [openPipe(paths[0]), openPipe(paths[1])];
    this.#outputs = [stdout, stderr];
    if (!this.#isOpen) for (const output of this.#outputs) output.destroy();
    return { redirection: `>${quoteWords([paths[0]])} 2>${quoteWords([paths[1]])}`, stdout, stderr };
  }

  isOpen(): boolean {
    return this.#isOpen;
  }

  kill(): void {
    if (!this.#isOpen) return;
    killTree(this.#child);
    const timer = setTimeout(() => killGroup(this.#child), KILL_GRACE_MS);
    this.#child.once('close', () => clearTimeout(timer));
  }

  async close(): Promise<void> {
    this.#hold(true);
    this.kill();
    await this.#ended;
  }

  /** Lines up to `= status` are the answer to the first call that still waits. */
  #take(text: string): void {
    const lines = (this.#rest + text).split('\n');
    this.#rest = lines.pop() ?? '';
    for (const line of lines) {
      const status = /^= (\d+)$/.exec(line)?.[1];
      if (status === undefined) this.#tell(line);
      else this.#answer(Number(status));
    }
  }

  #tell(line: string): void {
    this.#waiting[0]?.lines.push(line);
    this.#waiting[0]?.onLine?.(line);
  }

  #answer(status: number): void {
    const call = this.#waiting.shift();
    if (this.#waiting.length === 0) this.#hold(false);
    call?.resolve({ status, lines: call.lines });
  }

  #end(): void {
    this.#isOpen = false;
    for (const output of this.#outputs) output.destroy();
    for (const call of this.#waiting.splice(0)) call.reject(this.#gone());
  }

  #gone(): EngineError {
    return new EngineError('IO', `the sandbox ended early: ${this.#complaints.join('').trim() || 'killed'}`);
  }

  /** A lane that waits for work must not keep the engine's process alive. */
  #hold(busy: boolean): void {
    for (const part of [this.#child, ...this.#child.stdio] as readonly unknown[]) {
      if (!hasRef(part)) continue;
      if (busy) part.ref();
      else part.unref();
    }
  }
}

interface Ref {
  ref(): void;
  unref(): void;
}

function hasRef(part: unknown): part is Ref {
  return typeof part === 'object' && part !== null && 'unref' in part;
}

/** The reading end of a named pipe, open before anyone writes. */
function openPipe(path: string): Socket {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return new Socket({ fd, readable: true, writable: false });
}
