import { spawn, type ChildProcess } from 'node:child_process';

/** Waits for the end of its input, which is the engine's, and then ends its process group. */
const BOUND = '{ read -r _; kill -9 0; } <&3 >/dev/null 2>&1 & exec "$@" 3<&-';

const hasGroups = process.platform !== 'win32';

export interface SpawnBoundOptions {
  readonly env: NodeJS.ProcessEnv;
  readonly cwd?: string | undefined;
  readonly stdin: 'ignore' | 'pipe';
}

/**
 * Starts a program in a process group of its own that ends with this process, however it does: one that waits for a
 * lock or for a server would not notice. `killGroup` ends it at once; what it leaves running ends with it.
 */
export function spawnBound(
  args: readonly string[],
  { env, cwd, stdin }: SpawnBoundOptions,
): ChildProcess & { readonly stdout: NodeJS.ReadableStream; readonly stderr: NodeJS.ReadableStream } {
  const [program = '', ...words] = hasGroups ? ['sh', '-c', BOUND, 'bound', ...args] : args;
  const child = spawn(program, words, {
    env,
    cwd,
    stdio: [stdin, 'pipe', 'pipe', 'pipe'],
    detached: hasGroups,
  });
  const end = (): void => void child.stdio[3]?.destroy();
  child.once('exit', end).once('error', end);
  return child as ReturnType<typeof spawnBound>;
}
