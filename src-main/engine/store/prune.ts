import { randomBytes } from 'node:crypto';
import { basename, join } from 'node:path';
import { cancelled } from '../../contract/errors.ts';
import type { TransferProgress } from '../../contract/oci-types.ts';
import type { LongOptions } from './blob-store.ts';
import { mapFsError, mappingFsErrors } from './map-fs-error.ts';
import { inSnapshot, inTransaction } from './metadata.ts';
import { ownProcessIdentity } from './process-identity.ts';
import { planPrune, type PrunePlan, type PruneQuestion } from './prune-plan.ts';
import type { StoreParts } from './store-parts.ts';
import type { StorePruned } from './store.ts';

export interface PruneOptions extends LongOptions, PruneQuestion {
  readonly dryRun: boolean;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/**
 * Frees what nothing points at. Plan and sweep are one step under the store's lock: nobody can come to need a blob in
 * between. The sweep only renames, into a folder of the trash that is then emptied; a prune that is killed there is
 * finished when the store is next opened. `freedBytes` counts the sizes of the files that went, and a dry run
 * answers the same number.
 */
export async function prune(parts: StoreParts, options: PruneOptions): Promise<StorePruned> {
  if (options.signal?.aborted === true) throw cancelled('pruning');
  return mappingFsErrors('prune the store', () =>
    sweepPlanned(parts, () => planPrune(parts, options), options),
  );
}

/** Plans, and unless it is a dry run does what was planned in the same step. */
export async function sweepPlanned(
  parts: StoreParts,
  plan: () => PrunePlan,
  options: Omit<PruneOptions, keyof PruneQuestion>,
): Promise<StorePruned> {
  if (options.dryRun) return resultOf(inSnapshot(parts.main, 'plan a prune', plan));
  return sweepAndEmpty(parts, plan, options);
}

async function sweepAndEmpty(
  parts: StoreParts,
  plan: () => PrunePlan,
  options: Pick<PruneOptions, 'onProgress'>,
): Promise<StorePruned> {
  plan(); // Reads every document before the lock is taken, so that it is held for a moment only.
  const bin = join(parts.layout.trash, `${ownProcessIdentity()}.${randomBytes(8).toString('hex')}`);
  await parts.files.mkdir(bin);
  try {
    const swept = parts.leases.whileFrozen(() =>
      inTransaction(parts.main, 'prune the store', () => sweep(parts, plan(), bin)),
    );
    parts.records.deleteAll(swept.records);
    if (swept.records.length > 0) parts.records.compact();
    const result = resultOf(swept);
    options.onProgress?.({ what: 'removing', bytes: 0, totalBytes: result.freedBytes });
    for (const { path } of swept.files) await parts.blobs.forget(path);
    return result;
  } finally {
    await parts.files.removeFolder(bin);
  }
}

/** Rows first: should a rename fail, the transaction takes them back, and what was renamed is put back. */
function sweep(parts: StoreParts, plan: PrunePlan, bin: string): PrunePlan {
  parts.blobsTable.delete(plan.blobs);
  parts.images.delete(plan.images);
  parts.referrers.forget(plan.blobs);
  if (plan.files.length > 0) parts.changed();
  const moved: { from: string; to: string }[] = [];
  try {
    for (const { path } of plan.files) {
      const to = join(bin, basename(path));
      parts.files.renameSync(path, to);
      moved.push({ from: path, to });
    }
  } catch (error) {
    for (const { from, to } of moved) parts.files.renameSync(to, from);
    throw mapFsError(error, 'move a blob to the trash');
  }
  return plan;
}

function resultOf(plan: PrunePlan): StorePruned {
  return {
    blobs: plan.files.filter(({ path }) => /^[0-9a-f]{64,128}$/.test(basename(path))).length,
    images: plan.images.length,
    cacheRecords: plan.records.length,
    snapshots: 0,
    freedBytes: plan.files.reduce((sum, file) => sum + file.sizeBytes, 0),
  };
}
