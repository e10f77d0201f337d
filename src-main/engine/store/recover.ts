import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import type { Digest } from '../../contract/oci-types.ts';
import { isDigest } from '../oci/digest.ts';
import { idlePartials, stalePartials, type PartialBlob } from './idle-partials.ts';
import { digestOfPartial } from './partial-blobs.ts';
import { livenessOf, ownProcessIdentity } from './process-identity.ts';
import type { StoreParts } from './store-parts.ts';

/** What opening found after a process had ended without closing the store. */
export interface Recovery {
  readonly deadSessions: number;
  readonly removedFiles: number;
  readonly brokenBlobs: readonly Digest[];
}

/**
 * Clears away what dead processes left, and nothing that a live one may need: unfinished ingest files, trash, leases.
 * A partly received blob stays for a while: its digest tells in the end whether it is right.
 * After an unclean exit it also compares the size of every blob with its row (R8). Every step may be interrupted and is
 * done again at the next opening (R7).
 */
export async function recover(parts: StoreParts): Promise<Recovery> {
  const dead = parts.leases.deadSessions();
  const bins = await leftoversIn(parts, parts.layout.trash);
  for (const bin of bins) await putBack(parts, bin);
  const leftovers = [...bins, ...(await leftoversIn(parts, parts.layout.ingest))];
  for (const path of leftovers) await parts.files.removeFolder(path);
  const stale = await removeStalePartials(parts);
  const brokenBlobs = dead.length > 0 ? await checkSizes(parts) : [];
  if (dead.length > 0) parts.leases.forget(dead);
  return { deadSessions: dead.length, removedFiles: leftovers.length + stale, brokenBlobs };
}

/** Names begin with the identity of the process that made them. */
async function leftoversIn({ files }: StoreParts, folder: string): Promise<readonly string[]> {
  const names = await files.list(folder);
  return names
    .filter((name) => digestOfPartial(name) === undefined && livenessOf(name.split('.')[0] ?? '') === 'dead')
    .map((name) => join(folder, name));
}

/** By way of the trash, and while nobody can begin to receive one of them. */
async function removeStalePartials(parts: StoreParts): Promise<number> {
  const find = (): readonly PartialBlob[] => stalePartials(idlePartials(parts), parts.now());
  if (find().length === 0) return 0;
  const bin = join(parts.layout.trash, `${ownProcessIdentity()}.${randomBytes(8).toString('hex')}`);
  await parts.files.mkdir(bin);
  const stale = parts.leases.whileFrozen(() => {
    const found = find();
    for (const { path } of found) parts.files.renameSync(path, join(bin, basename(path)));
    return found;
  });
  await parts.files.removeFolder(bin);
  return stale.length;
}

/** A prune that was killed before its transaction held has moved files whose rows are still there. */
async function putBack(parts: StoreParts, bin: string): Promise<void> {
  for (const name of await parts.files.list(bin)) {
    const digest = `${name.length === 64 ? 'sha256' : 'sha512'}:${name}`;
    if (!isDigest(digest) || parts.blobsTable.get(digest) === undefined) continue;
    const path = parts.blobs.pathOf(digest);
    if ((await parts.files.stat(path)) === undefined) await parts.files.rename(join(bin, name), path);
  }
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
