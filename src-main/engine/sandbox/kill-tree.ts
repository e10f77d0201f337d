import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';

/**
 * Kills a command that was started with `nsenter … unshare --pid --fork …`. The first process of its process
 * namespace is killed alone: the kernel then ends all others, and the two that wait for it end once they are gone, so
 * that the child's end means that nothing is left. Where that process cannot be found the whole group is killed.
 */
export function killTree(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  const inner = onlyChild(onlyChild(child.pid));
  if (inner === undefined) killGroup(child);
  else process.kill(inner, 'SIGKILL');
}

/** Kills a tool and whatever it started. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return;
  process.kill(-child.pid, 'SIGKILL');
}

function onlyChild(pid: number | undefined): number | undefined {
  if (pid === undefined) return undefined;
  try {
    const pids = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim().split(' ');
    return pids.length === 1 && pids[0] !== '' ? Number(pids[0]) : undefined;
  } catch (error) {
    // Gone meanwhile, or a kernel without this file: both leave the group.
    return void error;
  }
}
