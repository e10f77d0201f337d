import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/store.ts';
import { cacheMountsFolder } from './acquire-caches.ts';
import { isNodeError } from './is-node-error.ts';
import type { Namespace } from './open-namespace.ts';
import { readTool } from './run-tool.ts';

/** Bytes on disk under some of a folder's children; hard links count once. Files of mapped ids count too. */
export async function measureFolders(namespace: Namespace, paths: readonly string[]): Promise<number> {
  if (paths.length === 0) return 0;
  const script = 'printf \'%s\\0\' "$@" | du --summarize --total --block-size=1 --files0-from=-';
  let text = '';
  const decoder = new TextDecoder();
  const tool = readTool(namespace, ['sh', '-c', script, 'measure', ...paths], {
    what: 'measure the snapshots',
  });
  for await (const bytes of tool) text += decoder.decode(bytes, { stream: true });
  return Number(/^(\d+)\ttotal$/m.exec(text)?.[1] ?? 0);
}

/** See `Sandbox.diskUsage`. Nothing is started when there is nothing to measure. */
export async function measureSandbox(
  store: Store,
  namespace: () => Promise<Namespace>,
): Promise<{ readonly snapshotBytes: number; readonly cacheMountBytes: number }> {
  if (await isEmpty(store)) return { snapshotBytes: 0, cacheMountBytes: 0 };
  const snapshots = await listFolder(store.snapshotsFolder);
  const caches = await listFolder(cacheMountsFolder(store));
  const inside = await namespace();
  return {
    snapshotBytes: await measureFolders(inside, snapshots),
    cacheMountBytes: await measureFolders(inside, caches),
  };
}

/** True when no command has left anything to measure or to prune. */
export async function isEmpty(store: Store): Promise<boolean> {
  const snapshots = await listFolder(store.snapshotsFolder);
  const caches = await listFolder(cacheMountsFolder(store));
  return snapshots.length + caches.length === 0;
}

/** Full paths of what is in a folder; nothing when it is not there. */
export async function listFolder(folder: string): Promise<readonly string[]> {
  try {
    return (await readdir(folder)).sort().map((name) => join(folder, name));
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return [];
    throw error;
  }
}
