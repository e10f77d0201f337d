import { readFile, rm, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, join } from 'node:path';
import type { Store } from '../store/store.ts';
import { isNodeError } from './is-node-error.ts';
import { isThere } from './is-there.ts';
import { lockFile } from './lock-file.ts';
import { listFolder, measureEach } from './measure-sandbox.ts';
import type { Namespace } from './open-namespace.ts';
import { runTool } from './run-tool.ts';
import type { KeptCacheMount } from './sandbox.ts';

/** In a cache's folder: its name for a reader; its time is that of the last use. */
const NAME_FILE = 'name';

/** Writes down that a cache is used now, and what the person calls it. */
export async function noteUse(folder: string, name: string): Promise<void> {
  await writeFile(join(folder, NAME_FILE), name);
}

/** See `Sandbox.cacheMounts`. */
export async function listCacheMounts(
  store: Store,
  namespace: () => Promise<Namespace>,
): Promise<readonly KeptCacheMount[]> {
  const folders = await listFolder(store.cacheMountsFolder);
  const slots = (await Promise.all(folders.map(slotsOf))).flat();
  if (slots.length === 0) return [];
  // What removing them frees: not their locks and names.
  const sizes = await measureEach(await namespace(), slots);
  const mounts: KeptCacheMount[] = [];
  for (const [folder, own] of Map.groupBy(slots, dirname)) {
    const bytes = own.reduce((sum, slot) => sum + (sizes.get(slot) ?? 0), 0);
    mounts.push(await describe(folder, own, bytes));
  }
  return mounts.sort((a, b) => b.lastUsedMs - a.lastUsedMs);
}

async function describe(folder: string, slots: readonly string[], bytes: number): Promise<KeptCacheMount> {
  const file = join(folder, NAME_FILE);
  // One that an earlier version made has no name yet: its next use gives it one.
  const named = await readFile(file, 'utf8').catch(undefinedIfMissing);
  const { mtimeMs } = await stat(named === undefined ? folder : file);
  const locks = await Promise.all(slots.map(isLocked));
  const id = basename(folder);
  return { id, name: named ?? id.slice(0, 12), bytes, lastUsedMs: mtimeMs, inUse: locks.includes(true) };
}

async function isLocked(slot: string): Promise<boolean> {
  const lock = await lockFile(`${slot}.lock`, 'exclusive', { wait: false });
  await lock?.release();
  return lock === undefined;
}

/** The folders that commands mount. */
async function slotsOf(folder: string): Promise<readonly string[]> {
  return (await listFolder(folder)).filter((path) => /^\d+$/.test(basename(path)));
}

/** Whether a command has ever used a cache of this id, as far as is known. */
export async function isCacheMount(store: Store, id: string): Promise<boolean> {
  return /^[0-9a-f]{64}$/.test(id) && (await isThere(join(store.cacheMountsFolder, id)));
}

/**
 * Removes what no command uses of a cache, or only says how much that is; answers the bytes. Its locks stay, since
 * someone may be about to take them, but for one that is forgotten.
 */
export async function removeCacheMount(
  { store, namespace }: { readonly store: Store; readonly namespace: Namespace },
  id: string,
  { dryRun, isForgotten }: { readonly dryRun: boolean; readonly isForgotten: boolean },
): Promise<number> {
  if (!(await isCacheMount(store, id))) return 0;
  const folder = join(store.cacheMountsFolder, id);
  let bytes = 0;
  for (const slot of await slotsOf(folder)) bytes += await removeSlot(namespace, slot, dryRun);
  if (isForgotten && (await slotsOf(folder)).length === 0) await rm(folder, { recursive: true, force: true });
  return bytes;
}

async function removeSlot(namespace: Namespace, slot: string, dryRun: boolean): Promise<number> {
  const lock = await lockFile(`${slot}.lock`, 'exclusive', { wait: false });
  if (lock === undefined) return 0;
  try {
    const bytes = (await measureEach(namespace, [slot])).get(slot) ?? 0;
    if (!dryRun) await runTool(namespace, ['rm', '-rf', '--', slot], { what: `remove ${slot}` });
    return bytes;
  } finally {
    await lock.release();
  }
}

function undefinedIfMissing(error: unknown): undefined {
  if (!isNodeError(error, 'ENOENT')) throw error;
}
