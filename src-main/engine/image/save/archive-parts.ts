import type { Digest } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseImageIndex } from '../../oci/image-index.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { isIndexType } from '../../oci/media-types.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';

/** Digest and size of every blob that an image refers to, the document itself included. */
export async function collectBlobs(
  store: Store,
  root: Descriptor,
  options: LongOptions,
  blobs: Map<Digest, number>,
): Promise<void> {
  if (blobs.has(root.digest)) return;
  const bytes = await store.blobs.read(root.digest, options);
  blobs.set(root.digest, bytes.length);
  if (!isIndexType(root.mediaType)) {
    const { config, layers } = parseManifest(bytes);
    for (const { digest, size } of [config, ...layers]) blobs.set(digest, size);
    return;
  }
  for (const entry of parseImageIndex(bytes).manifests) {
    if (await store.blobs.has(entry.digest)) await collectBlobs(store, entry, options, blobs);
  }
}
