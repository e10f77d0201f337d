import { randomUUID } from 'node:crypto';
import { once } from 'node:events';
import { mkdir, readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { cancelled } from '../../contract/errors.ts';
import type { Digest, TransferProgress } from '../../contract/oci-types.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import { digestHex } from '../oci/digest.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { decompress } from '../tar/decompress.ts';
import { readTar } from '../tar/read-tar.ts';
import type { TarEntry } from '../tar/tar-entry.ts';
import { isNodeError } from './is-node-error.ts';
import { isThere } from './is-there.ts';
import type { Namespace } from './open-namespace.ts';
import { planLayerTree, type LayerTree } from './plan-layer-tree.ts';
import { runTool } from './run-tool.ts';
import { EXTRACT, tarStream, type TreeEntry } from './tar-stream.ts';

/**
 * Unpacked layers, each once, as overlayfs takes them: `snapshots/<hex of the diff ID>`. A folder of that name is
 * complete, until the system starts anew: nothing makes sure that it survives a power cut, for to have all of its files
 * on the disk a command would wait longer than to unpack them again after one. A layer without entries has none.
 */
export interface Snapshots {
  /** Unpacks those layers that are not there yet; progress is told in bytes of their blobs. */
  ensure(layers: readonly StoredLayer[], options: EnsureOptions): Promise<void>;
  /**
   * Folders that a layer above the bottom has things in without listing them: its snapshot shows them with attributes
   * that the layer does not speak of.
   */
  hiddenFolders(layers: readonly StoredLayer[]): readonly string[];
  /** Says that the folder about to be renamed to this layer's is of this run of the system. */
  mark(diffId: Digest): Promise<void>;
}

export type EnsureOptions = LongOptions & {
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

/** How one layer is unpacked. */
type UnpackOptions = LongOptions & { readonly onBytes: (bytes: number) => void };

export interface SnapshotsOptions {
  readonly store: Store;
  readonly namespace: Namespace;
  /** Where what is not complete yet is, which goes with the engine. */
  readonly folder: string;
}

export function openSnapshots(given: SnapshotsOptions): Snapshots {
  const { store, namespace } = given;
  const running = new Map<Digest, Promise<void>>();
  const implied = new Map<Digest, readonly string[]>();
  const impliedOf = (layer: StoredLayer): readonly string[] => {
    const known = implied.get(layer.diffId) ?? planTree(layer, namespace).before.flatMap(folderPath);
    implied.set(layer.diffId, known);
    return known;
  };
  const unpackOnce = async (layer: StoredLayer, options: UnpackOptions): Promise<void> => {
    for (let other = running.get(layer.diffId); other !== undefined; other = running.get(layer.diffId)) {
      await settled(other, options);
    }
    const own = unpackUnlessThere(given, layer, options);
    running.set(layer.diffId, own);
    try {
      await own;
    } finally {
      running.delete(layer.diffId);
    }
  };
  return {
    ensure: async (layers, { signal, onProgress }) => {
      const missing = await missingOf(store, layers);
      const totalBytes = missing.reduce((sum, { descriptor }) => sum + descriptor.size, 0);
      let bytes = 0;
      const onBytes = (more: number): void => {
        bytes += more;
        onProgress?.({ what: 'unpacking', bytes, totalBytes });
      };
      for (const layer of missing) await unpackOnce(layer, { signal, onBytes });
    },
    hiddenFolders: (layers) => [...new Set(layers.slice(1).flatMap((layer) => impliedOf(layer)))],
    mark: (diffId) => markSnapshot(store, diffId),
  };
}

async function missingOf(store: Store, layers: readonly StoredLayer[]): Promise<readonly StoredLayer[]> {
  const missing = new Map<Digest, StoredLayer>();
  for (const layer of layers) {
    if (layer.toc.entries.length > 0 && !(await isUsable(store, layer.diffId))) {
      missing.set(layer.diffId, layer);
    }
  }
  return [...missing.values()];
}

/** Waits for what another command unpacks. That it fails or is cancelled is not our error: then we unpack. */
async function settled(other: Promise<void>, { signal }: LongOptions): Promise<void> {
  const done = other.catch(() => undefined);
  if (signal === undefined) return done;
  const stop = new AbortController();
  const aborted = once(signal, 'abort', { signal: stop.signal }).catch(() => undefined);
  if (!signal.aborted) await Promise.race([done, aborted]);
  stop.abort();
  if (signal.aborted) throw cancelled('unpacking layers');
}

export function snapshotFolder(store: Store, diffId: Digest): string {
  return join(store.snapshotsFolder, digestHex(diffId));
}

/** A file that names the run of the system in which the snapshot beside it was made, and to which its life is bound. */
function markOf(store: Store, diffId: Digest): string {
  return `${snapshotFolder(store, diffId)}.boot`;
}

async function markSnapshot(store: Store, diffId: Digest): Promise<void> {
  await writeFile(markOf(store, diffId), await bootId());
}

async function isUsable(store: Store, diffId: Digest): Promise<boolean> {
  const mark = await readIfThere(markOf(store, diffId));
  return mark === (await bootId()) && isThere(snapshotFolder(store, diffId));
}

async function unpackUnlessThere(
  parts: SnapshotsOptions,
  layer: StoredLayer,
  options: UnpackOptions,
): Promise<void> {
  if (!(await isUsable(parts.store, layer.diffId))) await unpack(parts, layer, options);
}

async function unpack(parts: SnapshotsOptions, layer: StoredLayer, options: UnpackOptions): Promise<void> {
  const { store, namespace } = parts;
  const what = `unpack layer ${layer.diffId}`;
  const folder = join(parts.folder, `unpacking-${randomUUID()}`);
  await mkdir(folder, { mode: 0o755 });
  try {
    const script = `cd "$1" && shift && exec "$@"`;
    const args = ['sh', '-c', script, 'unpack', folder, ...EXTRACT];
    await runTool(namespace, args, {
      signal: options.signal,
      what,
      input: layerStream(store, namespace, layer, options),
    });
    await publish(store, namespace, layer.diffId, folder);
  } finally {
    if (await isThere(folder)) {
      await runTool(namespace, ['rm', '-rf', '--', folder], { what: `remove ${folder}` });
    }
  }
}

/** Another process may have been faster; what is of an earlier run of the system gives way. */
async function publish(store: Store, namespace: Namespace, diffId: Digest, folder: string): Promise<void> {
  const known = snapshotFolder(store, diffId);
  if (await isUsable(store, diffId)) return;
  if (await isThere(known)) await runTool(namespace, ['rm', '-rf', '--', known], { what: `remove ${known}` });
  await markSnapshot(store, diffId);
  try {
    await rename(folder, known);
  } catch (error) {
    if (!isNodeError(error, 'ENOTEMPTY') && !isNodeError(error, 'EEXIST')) throw error;
  }
}

async function* layerStream(
  store: Store,
  namespace: Namespace,
  layer: StoredLayer,
  options: UnpackOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  yield* tarStream(treeEntries(store, layer, planTree(layer, namespace), options));
}

function planTree(layer: StoredLayer, namespace: Namespace): LayerTree {
  return planLayerTree(layer.toc.entries, {
    diffId: layer.diffId,
    devices: !namespace.rootless,
    idLimits: namespace.idLimits,
  });
}

function folderPath(entry: TarEntry): readonly string[] {
  return entry.type === 'directory' ? [`/${entry.path}`] : [];
}

async function* treeEntries(
  store: Store,
  layer: StoredLayer,
  plan: LayerTree,
  { signal, onBytes }: UnpackOptions,
): AsyncGenerator<TreeEntry, void, undefined> {
  for (const entry of plan.before) yield { entry };
  const blob = counted(store.blobs.open(layer.descriptor.digest, { signal, verify: true }), onBytes);
  const plain = decompress(blob, { signal, limitBytes: layer.toc.unpackedBytes });
  let index = 0;
  for await (const { content } of readTar(plain, { signal, what: `layer ${layer.diffId}` })) {
    const entry = plan.entries[index++];
    if (entry !== undefined) yield { entry, content };
  }
}

async function* counted(
  source: AsyncIterable<Uint8Array>,
  onBytes: (bytes: number) => void,
): AsyncGenerator<Uint8Array, void, undefined> {
  for await (const bytes of source) {
    onBytes(bytes.length);
    yield bytes;
  }
}

async function bootId(): Promise<string> {
  return (await readFile('/proc/sys/kernel/random/boot_id', 'utf8')).trim();
}

async function readIfThere(path: string): Promise<string | undefined> {
  try {
    return await readFile(path, 'utf8');
  } catch (error) {
    if (isNodeError(error, 'ENOENT')) return undefined;
    throw error;
  }
}
