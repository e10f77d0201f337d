import { lstat } from 'node:fs/promises';
import { isNodeError } from './is-node-error.ts';

/** Whether something of this name is there, a dangling link included. */
export async function isThere(path: string): Promise<boolean> {
  try {
    await lstat(path);
    return true;
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return false;
    throw error;
  }
}
