import { EngineError } from '../../contract/errors.ts';
import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import type { ImageIndex } from '../oci/image-index.ts';
import { formatPlatform, hostPlatform, isSamePlatform } from '../oci/platform.ts';
import type { Store } from '../store/store.ts';

/** Attestations and the like: not for any machine. */
const UNKNOWN = 'unknown';

/**
 * The entry of an index for `wanted`. Without a wish: this machine's, else the only one there is. Of several that
 * fit, the first that is in the store.
 */
export async function choosePlatform(
  store: Store,
  index: ImageIndex,
  digest: Digest,
  { platform: wanted }: { readonly platform?: Platform | undefined },
): Promise<Descriptor> {
  const images = index.manifests.filter(isImage);
  const platform = wanted ?? hostPlatform();
  const fitting = images.filter((entry) => {
    const own = platformOfDescriptor(entry);
    return own !== undefined && isSamePlatform(own, platform);
  });
  const chosen = await firstPresent(store, fitting);
  if (chosen !== undefined) return chosen;
  const only = wanted === undefined ? await onlyPresent(store, images) : undefined;
  const untold = images.length === 1 && platformOfDescriptor(images[0]) === undefined ? images[0] : undefined;
  if (only !== undefined) return only;
  if (untold !== undefined) return untold;
  throw noSuchPlatform(images, digest, platform);
}

function isImage(entry: Descriptor): boolean {
  return entry.platform?.os !== UNKNOWN && entry.annotations?.['vnd.docker.reference.type'] === undefined;
}

export function platformOfDescriptor(entry: Descriptor | undefined): Platform | undefined {
  return entry?.platform === undefined ? undefined : plainPlatform(entry.platform);
}

export function platformOfConfig(config: ImageConfig): Platform {
  return plainPlatform(config);
}

function plainPlatform({ os, architecture, variant }: Platform): Platform {
  return variant === undefined || variant === '' ? { os, architecture } : { os, architecture, variant };
}

async function firstPresent(store: Store, entries: readonly Descriptor[]): Promise<Descriptor | undefined> {
  for (const entry of entries) if (await store.blobs.has(entry.digest)) return entry;
  return entries[0];
}

async function onlyPresent(store: Store, entries: readonly Descriptor[]): Promise<Descriptor | undefined> {
  const present: Descriptor[] = [];
  for (const entry of entries) if (await store.blobs.has(entry.digest)) present.push(entry);
  return present.length === 1 ? present[0] : undefined;
}

function noSuchPlatform(images: readonly Descriptor[], digest: Digest, platform: Platform): EngineError {
  const there = images.flatMap((entry) => {
    const own = platformOfDescriptor(entry);
    return own === undefined ? [] : [formatPlatform(own)];
  });
  return new EngineError('NOT_FOUND', `${digest} has no image for ${formatPlatform(platform)}`, {
    hint: there.length === 0 ? 'It names no images at all.' : `It has: ${[...new Set(there)].join(', ')}.`,
  });
}
