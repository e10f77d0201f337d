import type { ChildProcess } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { isNodeError } from './is-node-error.ts';

/**
 * Kills a command that was started with `nsenter … unshare --pid --fork …`. The first process of its process
 * namespace is killed alone: the kernel then ends all others, and the two that wait for it end once they are gone, so
 * that the child's end means that nothing is left. Where that process cannot be found the whole group is killed.
 */
export function killTree(child: ChildProcess): void {
  if (hasEnded(child)) return;
  const [unshare] = childrenOf(child.pid);
  const [inner] = childrenOf(unshare);
  if (inner === undefined) killGroup(child);
  else kill(inner);
}

/**
 * Kills a tool that was started with `nsenter …` and whatever it started, but not `nsenter`, which ends by itself then.
 * Killed with it, it would leave the tool to the first process of the system, and a namespace waits at its end until
 * all that was in it is taken note of: for good, where that process (of a container, say) never does.
 */
export function killTool(child: ChildProcess): void {
  if (hasEnded(child)) return;
  const tools = childrenOf(child.pid);
  if (tools.length === 0) killGroup(child);
  for (const pid of tools) killWithChildren(pid);
}

/** Kills a program and all of its process group. */
export function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || hasEnded(child)) return;
  if (process.platform === 'win32') child.kill();
  else kill(-child.pid);
}

function killWithChildren(pid: number): void {
  const started = childrenOf(pid);
  kill(pid);
  for (const each of started) killWithChildren(each);
}

function hasEnded({ pid, exitCode, signalCode }: ChildProcess): boolean {
  return pid === undefined || exitCode !== null || signalCode !== null;
}

function kill(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch (error) {
    // It ended by itself between the look and the blow.
    if (!isNodeError(error, 'ESRCH')) throw error;
  }
}

/** None where the process is gone meanwhile, and on a kernel without this file. */
function childrenOf(pid: number | undefined): readonly number[] {
  if (pid === undefined) return [];
  try {
    const text = readFileSync(`/proc/${pid}/task/${pid}/children`, 'utf8').trim();
    return text === '' ? [] : text.split(' ').map(Number);
  } catch (error) {
    if (isNodeError(error, 'ENOENT') || isNodeError(error, 'ESRCH')) return [];
    throw error;
  }
}
