import { randomBytes } from 'node:crypto';
import { mkdir, rm } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createLayout } from './layout.ts';
import { ownProcessIdentity } from './process-identity.ts';

/** A folder for what is needed for a while, gone when it is disposed of. */
export interface WorkFolder extends AsyncDisposable {
  readonly path: string;
}

/**
 * Makes a new empty folder for its owner alone, among the incoming bytes of the store at `root`: what a process leaves
 * of it that is killed goes when the store is next opened, as it would not in the system's temporary folder.
 */
export async function makeWorkFolder(root: string): Promise<WorkFolder> {
  const { ingest } = createLayout(resolve(root));
  await mkdir(ingest, { recursive: true });
  const path = join(ingest, `${ownProcessIdentity()}.${randomBytes(8).toString('hex')}`);
  await mkdir(path, { mode: 0o700 });
  return { path, [Symbol.asyncDispose]: () => rm(path, { recursive: true, force: true }) };
}
