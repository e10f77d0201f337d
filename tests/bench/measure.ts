import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync, readdirSync } from 'node:fs';
import { text } from 'node:stream/consumers';

const POLL_MS = 50;
const PAGE_BYTES = 4096;

/** A whole run of a program, from its start to its exit. */
export interface Measured {
  readonly seconds: number;
  /** The most memory that the process and all below it held at one of the looks, twenty a second. */
  readonly peakBytes: number;
}

/** Runs a program to its end. Throws with its last words when it fails. */
export async function measure(
  command: string,
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
): Promise<Measured> {
  const startedAt = performance.now();
  const child = spawn(command, args, {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'ignore', 'pipe'],
  });
  let peakBytes = 0;
  const look = setInterval(() => {
    peakBytes = Math.max(peakBytes, residentBytes(child.pid ?? 0));
  }, POLL_MS);
  try {
    const [words] = await Promise.all([text(child.stderr), once(child, 'close')]);
    if (child.exitCode !== 0) throw new Error(`${command} ${args.join(' ')}\n${words.slice(-2000)}`);
  } finally {
    clearInterval(look);
  }
  return { seconds: (performance.now() - startedAt) / 1000, peakBytes };
}

/** Resident bytes of a process and of all its descendants (pages that they share count for each). */
function residentBytes(root: number): number {
  const parents = new Map<number, number>();
  const pages = new Map<number, number>();
  for (const name of readdirSync('/proc')) {
    const pid = Number(name);
    const stat = Number.isInteger(pid) ? readStat(pid) : undefined;
    if (stat === undefined) continue;
    parents.set(pid, stat.parent);
    pages.set(pid, stat.pages);
  }
  let total = 0;
  for (const [pid, count] of pages) if (descends(pid, root, parents)) total += count;
  return total * PAGE_BYTES;
}

function readStat(pid: number): { parent: number; pages: number } | undefined {
  try {
    const fields = readFileSync(`/proc/${pid}/stat`, 'latin1').split(') ').at(-1)?.split(' ') ?? [];
    return { parent: Number(fields[1]), pages: Number(fields[21]) };
  } catch (error) {
    // The process has ended since the folder was read.
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function descends(pid: number, root: number, parents: ReadonlyMap<number, number>): boolean {
  for (let at: number | undefined = pid; at !== undefined && at > 1; at = parents.get(at)) {
    if (at === root) return true;
  }
  return false;
}
