import { EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { createLruCache, type LruCache } from '../filetree/lru-cache.ts';
import { sizesOf } from '../image/image-rows.ts';
import { openImage } from '../image/open-image.ts';
import { formatPlatform } from '../oci/platform.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { formatBytes } from './format-bytes.ts';

/** An image in a few words. */
export interface ImageDescription {
  readonly size: string;
  readonly platform: string;
}

/** What a digest names never changes. */
const describedOf = new WeakMap<Store, LruCache<ImageDescription>>();
const MAX_DESCRIBED = 2000;

/** Size and platform of an image; undefined for one that cannot be read. Opened once for all who ask. */
export async function describeImage(
  store: Store,
  digest: Digest,
  options: LongOptions,
): Promise<ImageDescription | undefined> {
  const cache = describedOf.get(store) ?? createLruCache<ImageDescription>(MAX_DESCRIBED);
  describedOf.set(store, cache);
  const known = cache.get(digest);
  if (known !== undefined) return known;
  try {
    const image = await openImage(store, digest, options);
    const { sizeBytes } = sizesOf(store, image);
    const description = { size: formatBytes(sizeBytes), platform: formatPlatform(image.platform) };
    cache.put(digest, description, 1);
    return description;
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'CANCELLED') return undefined;
    throw error;
  }
}
