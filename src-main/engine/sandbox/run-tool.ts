import type { ChildProcess, StdioOptions } from 'node:child_process';
import { once } from 'node:events';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { killTool } from './kill-tree.ts';
import type { Namespace } from './open-namespace.ts';

export interface ToolOptions extends LongOptions {
  /** What it does, for errors: `unpack layer sha256:…`. */
  readonly what: string;
  readonly input?: AsyncIterable<Uint8Array> | undefined;
}

/** Most of what a tool complains that is kept. */
const COMPLAINT_CHARS = 4000;

/** Runs a tool of the host inside the namespace to its end, feeding it `input`. IO, or NO_SPACE, when it fails. */
export async function runTool(
  namespace: Namespace,
  args: readonly string[],
  options: ToolOptions,
): Promise<void> {
  const tool = startTool(
    namespace,
    args,
    [options.input === undefined ? 'ignore' : 'pipe', 'ignore', 'pipe'],
    options,
  );
  try {
    if (options.input !== undefined && tool.child.stdin !== null) {
      await tool.feed(options.input, tool.child.stdin);
    }
    await tool.ended;
  } finally {
    killTool(tool.child);
  }
}

/** Runs a tool and gives what it writes; the last step rejects when it failed. Ending the reading early ends the tool. */
export async function* readTool(
  namespace: Namespace,
  args: readonly string[],
  options: Omit<ToolOptions, 'input'>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const tool = startTool(namespace, args, ['ignore', 'pipe', 'pipe'], options);
  try {
    if (tool.child.stdout !== null) yield* tool.child.stdout as AsyncIterable<Buffer>;
    await tool.ended;
  } finally {
    killTool(tool.child);
  }
}

interface RunningTool {
  readonly child: ChildProcess;
  /** Resolves when it ended well. */
  readonly ended: Promise<void>;
  feed(input: AsyncIterable<Uint8Array>, stdin: NodeJS.WritableStream): Promise<void>;
}

function startTool(
  namespace: Namespace,
  args: readonly string[],
  stdio: StdioOptions,
  options: ToolOptions,
): RunningTool {
  if (options.signal?.aborted === true) throw cancelled(options.what);
  const child = namespace.spawn(args, stdio);
  const cancel = (): void => killTool(child);
  options.signal?.addEventListener('abort', cancel, { once: true });
  const complaint = collectText(child.stderr);
  const ended = once(child, 'close').then(
    ([code]) => {
      options.signal?.removeEventListener('abort', cancel);
      if (options.signal?.aborted === true) throw cancelled(options.what);
      if (code !== 0) throw toolFailed(options.what, complaint());
    },
    (error: unknown) => {
      throw toolFailed(options.what, error instanceof Error ? error.message : '');
    },
  );
  ended.catch(() => undefined);
  return { child, ended, feed: (input, stdin) => feed(input, stdin, ended) };
}

/** A tool that stops reading says why when it ends; that is the better error than the broken pipe. */
async function feed(
  input: AsyncIterable<Uint8Array>,
  stdin: NodeJS.WritableStream,
  ended: Promise<void>,
): Promise<void> {
  try {
    await pipeline(Readable.from(input, { objectMode: false }), stdin);
  } catch (error) {
    if (!isBrokenPipe(error)) throw error;
    await ended;
  }
}

function isBrokenPipe(error: unknown): boolean {
  const code = error instanceof Error ? (error as NodeJS.ErrnoException).code : undefined;
  return code === 'EPIPE' || code === 'ERR_STREAM_PREMATURE_CLOSE';
}

/** Gathers what a stream says, at most the first few thousand characters. */
export function collectText(stream: NodeJS.ReadableStream | null): () => string {
  let text = '';
  stream?.setEncoding('utf8').on('data', (more: string) => {
    if (text.length < COMPLAINT_CHARS) text += more;
  });
  return () => text.trim();
}

/** What a tool's complaint means. */
export function toolFailed(what: string, complaint: string): EngineError {
  const full = complaint.includes('No space left on device');
  return new EngineError(full ? 'NO_SPACE' : 'IO', `could not ${what}: ${firstLine(complaint)}`, {
    hint: full ? 'Free disk space, or remove what is not needed with `varve prune`.' : undefined,
    cause: complaint,
  });
}

function firstLine(text: string): string {
  return text.split('\n', 1)[0] || 'the tool failed without a word';
}
