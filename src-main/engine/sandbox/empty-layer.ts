import { readdir } from 'node:fs/promises';
import { openLayerWriter } from '../filetree/open-layer-writer.ts';
import type { StoredLayer } from '../filetree/layer-writer.ts';
import type { Compression } from '../oci/media-types.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { isNodeError } from './is-node-error.ts';

const known = new WeakMap<Store, Map<Compression, StoredLayer>>();

/** The layer of a command that changed nothing: the same for all, so that it is written once. */
export async function emptyLayer(
  store: Store,
  compression: Compression,
  { signal }: LongOptions,
): Promise<StoredLayer> {
  const layers = known.get(store) ?? new Map<Compression, StoredLayer>();
  known.set(store, layers);
  const layer = layers.get(compression);
  if (layer !== undefined && (await store.blobs.has(layer.descriptor.digest))) return layer;
  const writer = await openLayerWriter(store, { signal, compression });
  try {
    const written = await writer.commit();
    layers.set(compression, written);
    return written;
  } finally {
    await writer.abort();
  }
}

/** Whether nothing at all is in a folder; not so for one that the engine's user may not look into. */
export async function isEmptyFolder(folder: string): Promise<boolean> {
  try {
    return (await readdir(folder)).length === 0;
  } catch (error) {
    if (isNodeError(error, 'EACCES')) return false;
    throw error;
  }
}
