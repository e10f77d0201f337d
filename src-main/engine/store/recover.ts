import { join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import { livenessOf } from './process-identity.ts';
import type { StoreParts } from './store-parts.ts';

/** What opening found after a process had ended without closing the store. */
export interface Recovery {
  readonly deadSessions: number;
  readonly removedFiles: number;
  readonly brokenBlobs: readonly Digest[];
}

/**
 * Clears away what dead processes left, and nothing that a live one may need: unfinished ingest files, emptied trash,
 * leases. After an unclean exit it also compares the size of every blob with its row (R8). Every step may be
 * interrupted and is done again at the next opening (R7).
 */
export async function recover(parts: StoreParts): Promise<Recovery> {
  const dead = parts.leases.deadSessions();
  const removedFiles =
    (await removeOfDead(parts, parts.layout.ingest)) + (await removeOfDead(parts, parts.layout.trash));
  const brokenBlobs = dead.length > 0 ? await checkSizes(parts) : [];
  if (dead.length > 0) parts.leases.forget(dead);
  return { deadSessions: dead.length, removedFiles, brokenBlobs };
}

/** Names begin with the identity of the process that made them. */
async function removeOfDead({ files }: StoreParts, folder: string): Promise<number> {
  const names = await files.list(folder);
  const leftovers = names.filter((name) => livenessOf(name.split('.')[0] ?? '') === 'dead');
  for (const name of leftovers) await files.removeFolder(join(folder, name));
  return leftovers.length;
}

async function checkSizes(parts: StoreParts): Promise<readonly Digest[]> {
  const broken: Digest[] = [];
  for (const row of parts.blobsTable.list()) {
    const status = await parts.files.stat(parts.blobs.pathOf(row.digest));
    if (!row.isBroken && status?.sizeBytes !== row.sizeBytes) broken.push(row.digest);
  }
  parts.blobsTable.markBroken(broken);
  return broken;
}
