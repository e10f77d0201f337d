import { spawn, type ChildProcess } from 'node:child_process';
import { closeSync, fstatSync, openSync, readSync, unlinkSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { LongOptions } from '../../store/blob-store.ts';

/**
 * Of each entry what tells one state of it from another (R12), and its path: when it or its status was changed last, its
 * number, its size. No program can set that time, and whatever changes content, mode or modification time sets it.
 */
const FORMAT = '%C@ %i %s %P\\0';
/** Some hundred thousand entries; what is larger is looked at by the walk alone. */
const MOST_BYTES = 64 * 1024 * 1024;

/** A folder that is being listed; to be disposed of when the answer is not wanted any more. */
export interface StatusListing extends Disposable {
  /** For `ListedStatuses`; undefined where the system has no tool that lists so, and when the folder cannot be read whole. */
  readonly listed: Promise<Uint8Array | undefined>;
}

/**
 * Has GNU find look at every entry of a folder: beside this process and in half of the time that Node takes for the
 * same system calls. What is named in `leftOut`, relative to the folder, is not entered.
 */
export function listStatuses(
  folder: string,
  leftOut: readonly string[],
  { signal }: LongOptions = {},
): StatusListing {
  const file = openUnnamed();
  if (file === undefined) return NOT_LISTED;
  const words = ['.', ...pruned(leftOut), '-printf', FORMAT];
  const env = { ...process.env, LC_ALL: 'C' };
  // A pipe would fill, and find would wait, for as long as this process loads its code.
  const child = spawn('find', words, { cwd: folder, env, stdio: ['ignore', file, 'ignore'], signal });
  return { listed: collect(child, file), [Symbol.dispose]: () => void child.kill('SIGKILL') };
}

async function collect(child: ChildProcess, file: number): Promise<Uint8Array | undefined> {
  try {
    const isWhole = await new Promise<boolean>((resolve) => {
      child.once('error', () => resolve(false));
      child.once('exit', (status) => resolve(status === 0));
    });
    const { size } = fstatSync(file);
    return isWhole && size <= MOST_BYTES ? readWhole(file, size) : undefined;
  } finally {
    closeSync(file);
  }
}

const NOT_LISTED: StatusListing = { listed: Promise.resolve(undefined), [Symbol.dispose]: () => undefined };

/** A file without a name is gone with this process, however that ends. Undefined where none can be made. */
function openUnnamed(): number | undefined {
  const name = `varve-listing-${process.pid}-${process.hrtime.bigint()}`;
  // In memory where there is such a place: what is written is read once.
  for (const place of ['/dev/shm', tmpdir()]) {
    const path = join(place, name);
    try {
      const file = openSync(path, 'wx+', 0o600);
      unlinkSync(path);
      return file;
    } catch {
      // No such folder, or none to write to.
    }
  }
  return undefined;
}

function readWhole(file: number, size: number): Uint8Array {
  const bytes = Buffer.allocUnsafe(size);
  for (let at = 0; at < size;) at += readSync(file, bytes, at, size - at, at);
  return bytes;
}

function pruned(leftOut: readonly string[]): readonly string[] {
  if (leftOut.length === 0) return [];
  const tests = leftOut.flatMap((path) => ['-o', '-path', `./${path.replace(/[\\*?[\]]/g, '\\$&')}`]);
  return ['(', ...tests.slice(1), ')', '-prune', '-o'];
}
