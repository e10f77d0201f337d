import { readFile, rename, rm } from 'node:fs/promises';
import { basename, join } from 'node:path';
import type { Store } from '../store/store.ts';
import { removeCacheMount } from './cache-mounts.ts';
import { isNodeError } from './is-node-error.ts';
import { listFolder, type SandboxMeasure } from './measure-sandbox.ts';
import type { Namespace } from './open-namespace.ts';
import type { Freed } from './sandbox.ts';
import { SESSION_PREFIX, USES_FILE } from './open-session.ts';
import { runTool } from './run-tool.ts';

export interface PruneParts {
  readonly store: Store;
  readonly namespace: Namespace;
  /** Where what is removed goes first: nothing of it stays when the engine ends meanwhile. */
  readonly folder: string;
  readonly measure: SandboxMeasure;
}

/** See `Sandbox.prune`. */
export async function pruneSnapshots(
  parts: PruneParts,
  options: { readonly cacheMounts: boolean; readonly dryRun: boolean },
): Promise<Freed> {
  const freed = await pruneUnused(parts, options.dryRun);
  if (!options.cacheMounts) return freed;
  return { ...freed, bytes: freed.bytes + (await pruneCaches(parts, options.dryRun)) };
}

const SNAPSHOT_NAME = /^(?:[0-9a-f]{64}|[0-9a-f]{128})$/;

async function pruneUnused(parts: PruneParts, dryRun: boolean): Promise<Freed> {
  const { store, namespace, measure } = parts;
  const used = await readUses(store);
  const unused = (await listFolder(store.snapshotsFolder)).filter((path) => {
    return SNAPSHOT_NAME.test(basename(path)) && !used.has(basename(path));
  });
  if (dryRun) return { snapshots: unused.length, bytes: await measure.snapshotBytes(namespace, unused) };
  let [snapshots, bytes] = [0, 0];
  for (const path of unused) {
    const freed = await removeSnapshot(parts, path);
    snapshots += freed === undefined ? 0 : 1;
    bytes += freed ?? 0;
  }
  return { snapshots, bytes };
}

/**
 * Out of the way first, then looked at again: a command that began meanwhile has said what it uses before it looked
 * whether it is there. Answers the bytes freed, or undefined when it stays.
 */
async function removeSnapshot(
  { store, namespace, folder, measure }: PruneParts,
  path: string,
): Promise<number | undefined> {
  const bytes = await measure.snapshotBytes(namespace, [path]);
  const trash = join(folder, basename(path));
  await rename(path, trash);
  if ((await readUses(store)).has(basename(path))) {
    await rename(trash, path).catch(() => undefined);
    return undefined;
  }
  await removeTree(namespace, trash);
  await rm(`${path}.boot`, { force: true });
  return bytes;
}

/** The hex of the diff IDs that running commands use, in whichever process. */
async function readUses(store: Store): Promise<ReadonlySet<string>> {
  const used = new Set<string>();
  for (const engine of await listFolder(store.snapshotsFolder)) {
    if (!basename(engine).startsWith(SESSION_PREFIX)) continue;
    for (const run of await listFolder(engine).catch(notAFolder)) {
      for (const line of await readLines(join(run, USES_FILE))) used.add(line.slice(line.indexOf(':') + 1));
    }
  }
  return used;
}

async function pruneCaches(parts: PruneParts, dryRun: boolean): Promise<number> {
  let bytes = 0;
  for (const cache of await listFolder(parts.store.cacheMountsFolder)) {
    bytes += await removeCacheMount(parts, basename(cache), { dryRun, isForgotten: false });
  }
  return bytes;
}

async function removeTree(namespace: Namespace, path: string): Promise<void> {
  await runTool(namespace, ['rm', '-rf', '--', path], { what: `remove ${path}` });
}

async function readLines(path: string): Promise<readonly string[]> {
  try {
    return (await readFile(path, 'utf8')).split('\n');
  } catch (error) {
    if (isNodeError(error, 'ENOENT') || isNodeError(error, 'ENOTDIR')) return [];
    throw error;
  }
}

function notAFolder(error: unknown): readonly string[] {
  if (isNodeError(error, 'ENOTDIR')) return [];
  throw error;
}
