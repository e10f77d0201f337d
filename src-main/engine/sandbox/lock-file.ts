import { once } from 'node:events';
import { cancelled, EngineError } from '../../contract/errors.ts';
import type { LongOptions } from '../store/blob-store.ts';
import { killGroup } from './kill-tree.ts';
import { collectText } from './run-tool.ts';
import { spawnBound } from './spawn-bound.ts';
import { toolEnvironment } from './tool-environment.ts';

/** A lock on a file, between processes too. It ends with the engine at the latest. */
export interface FileLock {
  release(): Promise<void>;
}

export type LockMode = 'shared' | 'exclusive';

/** flock's exit code when it may not wait. */
const TAKEN = 75;
const HOLD = 'echo locked; exec cat >/dev/null';

/** Locks a file, made when it is not there; waits for others unless `wait` is false: then undefined when taken. */
export async function lockFile(
  path: string,
  mode: LockMode,
  options: LongOptions & { readonly wait: boolean },
): Promise<FileLock | undefined> {
  checkSignal(options);
  const wait = options.wait ? [] : ['--nonblock'];
  const args = [`--${mode}`, ...wait, '--conflict-exit-code', String(TAKEN), path, 'sh', '-c', HOLD];
  const child = spawnBound(['flock', ...args], { env: toolEnvironment(), stdin: 'pipe' });
  const complaint = collectText(child.stderr);
  const ended = once(child, 'close') as Promise<[number | null]>;
  ended.catch(() => undefined);
  const cancel = (): void => killGroup(child);
  options.signal?.addEventListener('abort', cancel, { once: true });
  const locked = once(child.stdout, 'data').then(() => true);
  locked.catch(() => undefined);
  const code = await Promise.race([locked, ended.then(([exitCode]) => exitCode)]);
  options.signal?.removeEventListener('abort', cancel);
  if (code === true) return { release: () => (child.stdin?.end(), ended.then(() => undefined)) };
  checkSignal(options);
  if (code === TAKEN) return undefined;
  throw new EngineError('IO', `cannot lock ${path}: ${complaint() || 'flock failed'}`);
}

function checkSignal({ signal }: LongOptions): void {
  if (signal?.aborted === true) throw cancelled('waiting for a lock');
}
