import { EngineError } from '../../contract/errors.ts';
import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import type { ImageIndex } from '../oci/image-index.ts';
import { entriesFor, entryPlatform, imageEntries } from '../oci/index-entries.ts';
import { formatPlatform, hostPlatform, plainPlatform } from '../oci/platform.ts';
import type { Store } from '../store/store.ts';

/**
 * The entry of an index for `wanted`. Without a wish: this machine's, else the only one there is. Of several that
 * fit, the first that is in the store. NOT_FOUND says which there are, or that it was not brought here.
 */
export async function choosePlatform(
  store: Store,
  index: ImageIndex,
  digest: Digest,
  { platform: wanted }: { readonly platform?: Platform | undefined },
): Promise<Descriptor> {
  const images = imageEntries(index.manifests);
  const platform = wanted ?? hostPlatform();
  const fitting = entriesFor(images, platform);
  const here = await present(store, images);
  const chosen = fitting.find((entry) => here.has(entry));
  if (chosen !== undefined) return chosen;
  const [only] = here;
  if (only !== undefined && here.size === 1 && wanted === undefined) return only;
  const [untold] = images;
  if (untold !== undefined && images.length === 1 && untold.platform === undefined) return untold;
  if (fitting.length > 0) throw notHere(digest, platform);
  throw noSuchPlatform(images, digest, platform);
}

async function present(store: Store, entries: readonly Descriptor[]): Promise<ReadonlySet<Descriptor>> {
  const there = new Set<Descriptor>();
  for (const entry of entries) if (await store.blobs.has(entry.digest)) there.add(entry);
  return there;
}

function notHere(digest: Digest, platform: Platform): EngineError {
  const name = formatPlatform(platform);
  return new EngineError('NOT_FOUND', `the image for ${name} of ${digest} was not brought here`, {
    hint: `Pull it with --platform ${name}, or with --all-platforms.`,
  });
}

export function platformOfConfig(config: ImageConfig): Platform {
  return plainPlatform(config);
}

function noSuchPlatform(images: readonly Descriptor[], digest: Digest, platform: Platform): EngineError {
  const there = images.flatMap((entry) => {
    const own = entryPlatform(entry);
    return own === undefined ? [] : [formatPlatform(own)];
  });
  return new EngineError('NOT_FOUND', `${digest} has no image for ${formatPlatform(platform)}`, {
    hint: there.length === 0 ? 'It names no images at all.' : `It has: ${[...new Set(there)].join(', ')}.`,
  });
}
