import type { Digest } from '../../contract/oci-types.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import type { ImageDraft } from './append-layer.ts';
import type { Image } from './image.ts';
import { writeImage } from './write-image.ts';

const KIND = 'failed-root';
/** How many are kept: whoever looks into a failure looks into one of the last. */
const KEPT = 5;

export interface KeepOptions extends LongOptions {
  /** What is needed to go on where the command failed. */
  readonly details: unknown;
  /** Layers that the details name. */
  readonly layers: readonly Digest[];
}

/**
 * Keeps the file system of a command that failed as an image that no list shows: its digest names it, until some more
 * have failed or a prune. Only a disposable record (R5) holds it.
 */
export async function keepFailedRoot(
  store: Store,
  draft: ImageDraft,
  { details, layers, signal }: KeepOptions,
): Promise<Image> {
  await using lease = store.lease('keep what a command left');
  lease.add([...draft.layers.map(({ descriptor }) => descriptor.digest), ...layers]);
  const image = await writeImage(store, draft, { signal, isKept: false });
  const { digest } = image.descriptor;
  const blobs = [digest, image.imageId, ...image.layers.map((layer) => layer.descriptor.digest), ...layers];
  store.records.put(KIND, digest, Buffer.from(JSON.stringify(details)), [...new Set(blobs)]);
  for (const old of store.records.keys(KIND).slice(0, -KEPT)) store.records.delete(KIND, old);
  return image;
}

/** The kept roots whose digest begins so. */
export function findFailedRoots(store: Store, hex: string): readonly Digest[] {
  return store.records.keys(KIND, `sha256:${hex}`) as readonly Digest[];
}

/** The details of a kept root as they were given; undefined for any other image. */
export function failedRootDetails(store: Store, digest: Digest): unknown {
  const bytes = store.records.get(KIND, digest);
  return bytes === undefined ? undefined : JSON.parse(Buffer.from(bytes).toString());
}
