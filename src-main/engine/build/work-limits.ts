import { limitParallel } from './limit-parallel.ts';

/**
 * What a piece of work asks of the machine: `files` loads one core from begin to end (reading, hashing, compressing);
 * a `command` mostly waits, for the network above all, and one that computes is given its share by the system.
 */
export type WorkKind = 'files' | 'command';

export type LimitWork = <T>(kind: WorkKind, work: () => Promise<T>) => Promise<T>;

const COMMANDS_A_CORE = 4;
const LEAST_COMMANDS = 8;

/**
 * Bounds what one build does at a time. Commands have places of their own, so that four stages that sleep do not
 * take two rounds on two cores; their number is bounded for the sake of memory.
 */
export function createWorkLimits(cores: number): LimitWork {
  const files = limitParallel(Math.max(2, cores));
  const commands = limitParallel(Math.max(LEAST_COMMANDS, COMMANDS_A_CORE * cores));
  return (kind, work) => (kind === 'files' ? files(work) : commands(work));
}
