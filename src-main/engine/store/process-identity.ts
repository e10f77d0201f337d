import { readFileSync, readlinkSync } from 'node:fs';
import { randomBytes } from 'node:crypto';

/**
 * Names one process for good, also after its number has been given to another: number, start time, and on Linux the
 * boot and the PID namespace in which the number means it. Elsewhere a random part stands for the start time.
 */
export type ProcessIdentity = string;

/** Whether a process still runs; `unknown` where that cannot be told from here. */
export type Liveness = 'alive' | 'dead' | 'unknown';

const RANDOM_START = randomBytes(6).toString('hex');

export function ownProcessIdentity(): ProcessIdentity {
  return [process.pid, startTime(process.pid) ?? RANDOM_START, pidNamespace(), boot()].join('-');
}

/** Judges by what the system says now; never by how long ago the process was heard of. */
export function livenessOf(identity: ProcessIdentity): Liveness {
  if (identity === ownProcessIdentity()) return 'alive';
  const [pid = '', start = '', namespace, bootId] = identity.split('-');
  if (bootId !== boot()) return 'dead';
  if (namespace !== pidNamespace()) return 'unknown';
  if (process.platform === 'linux') return startTime(Number(pid)) === start ? 'alive' : 'dead';
  return isRunning(Number(pid)) ? 'unknown' : 'dead';
}

/** Start time in clock ticks since boot: field 22 of stat, counted after the command's closing bracket. */
function startTime(pid: number): string | undefined {
  const stat = readOptional(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  const fields = stat?.slice(stat.lastIndexOf(')') + 2).split(' ');
  return fields?.[0] === 'Z' || fields?.[0] === 'X' ? undefined : fields?.[19];
}

function pidNamespace(): string {
  return readOptional(() => readlinkSync('/proc/self/ns/pid'))?.replace(/\D/g, '') ?? process.platform;
}

function boot(): string {
  const id = readOptional(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8'));
  return id?.slice(0, 8) ?? 'boot';
}

function readOptional(read: () => string): string | undefined {
  try {
    return read();
  } catch (error) {
    if (error instanceof Error && 'code' in error) return undefined;
    throw error;
  }
}

function isRunning(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch (error) {
    return error instanceof Error && 'code' in error && error.code === 'EPERM';
  }
}
