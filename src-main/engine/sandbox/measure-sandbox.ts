import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import type { Store } from '../store/store.ts';
import { isNodeError } from './is-node-error.ts';
import type { Namespace } from './open-namespace.ts';
import { readTool } from './run-tool.ts';

/** Bytes on disk under some of a folder's children; hard links count once. Files of mapped ids count too. */
async function measureFolders(namespace: Namespace, paths: readonly string[]): Promise<number> {
  const sizes = await measureEach(namespace, paths);
  return [...sizes.values()].reduce((sum, bytes) => sum + bytes, 0);
}

/** Bytes on disk under each of these. */
export async function measureEach(
  namespace: Namespace,
  paths: readonly string[],
): Promise<ReadonlyMap<string, number>> {
  if (paths.length === 0) return new Map();
  // du ends with 1 for what goes away under it: that is passed over.
  const script = 'printf \'%s\\0\' "$@" | du --summarize --block-size=1 --files0-from=- || [ $? -eq 1 ]';
  let text = '';
  const decoder = new TextDecoder();
  const tool = readTool(namespace, ['sh', '-c', script, 'measure', ...paths], {
    what: 'measure the snapshots',
  });
  for await (const bytes of tool) text += decoder.decode(bytes, { stream: true });
  return new Map([...text.matchAll(/^(\d+)\t(.*)$/gm)].map(([, bytes, path = '']) => [path, Number(bytes)]));
}

/** Sizes of what the sandbox keeps. A snapshot never changes once it has its name, so each is measured once. */
export interface SandboxMeasure {
  /** See `Sandbox.diskUsage`. Nothing is started when there is nothing to measure. */
  diskUsage(
    namespace: () => Promise<Namespace>,
  ): Promise<{ readonly snapshotBytes: number; readonly cacheMountBytes: number }>;
  /** Bytes of these snapshots, together. */
  snapshotBytes(namespace: Namespace, paths: readonly string[]): Promise<number>;
}

export function createSandboxMeasure(store: Store): SandboxMeasure {
  const known = new Map<string, number>();
  const snapshotBytes = async (namespace: () => Promise<Namespace>, paths: readonly string[]) => {
    const fresh = paths.filter((path) => !known.has(path));
    if (fresh.length > 0) {
      for (const [path, bytes] of await measureEach(await namespace(), fresh)) known.set(path, bytes);
    }
    return paths.reduce((total, path) => total + (known.get(path) ?? 0), 0);
  };
  return {
    snapshotBytes: (namespace, paths) => snapshotBytes(async () => namespace, paths),
    diskUsage: async (namespace) => {
      const snapshots = await snapshotBytes(namespace, await listFolder(store.snapshotsFolder));
      const caches = await listFolder(store.cacheMountsFolder);
      const cacheMountBytes = caches.length === 0 ? 0 : await measureFolders(await namespace(), caches);
      return { snapshotBytes: snapshots, cacheMountBytes };
    },
  };
}

/** True when no command has left anything to measure or to prune. */
export async function isEmpty(store: Store): Promise<boolean> {
  const snapshots = await listFolder(store.snapshotsFolder);
  const caches = await listFolder(store.cacheMountsFolder);
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
