import { cancelled, EngineError } from '../../contract/errors.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestOf } from '../oci/digest.ts';
import { parseImageConfig } from '../oci/image-config.ts';
import { parseManifest } from '../oci/manifest.ts';
import { MEDIA_TYPES } from '../oci/media-types.ts';
import { descriptorOf, type LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import type { ImageDraft } from './append-layer.ts';
import { encodeImageConfig, encodeManifest } from './encode-documents.ts';
import type { Image } from './image.ts';
import { createImage } from './open-image.ts';

/**
 * Puts an image's config and OCI manifest, whose layers must be in the store, and records it as an image; moves no
 * tag. The same draft gives the same digests. Layers of Docker's media types become their OCI equals: the same blobs.
 * The caller holds a lease on the layers. With `isKept: false` it is recorded nowhere, and goes with the next prune.
 */
export async function writeImage(
  store: Store,
  draft: ImageDraft,
  options: LongOptions & { readonly isKept?: boolean | undefined } = {},
): Promise<Image> {
  const layers = draft.layers.map(({ descriptor }) => toOciLayer(descriptor));
  for (const { digest } of layers) await checkPresent(store, digest);
  await using lease = store.lease('write an image');
  const configBytes = encodeImageConfig(draft.config);
  lease.add([...layers.map(({ digest }) => digest), digestOf(configBytes)]);
  if (options.signal?.aborted === true) throw cancelled('writing the image');
  const config = descriptorOf(MEDIA_TYPES.ociConfig, await store.blobs.put(configBytes));
  const bytes = encodeManifest({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociManifest, config, layers });
  lease.add([digestOf(bytes)]);
  const put = await store.blobs.put(bytes);
  const image = createImage(
    descriptorOf(MEDIA_TYPES.ociManifest, put),
    parseManifest(bytes),
    parseImageConfig(configBytes),
  );
  if (options.isKept === false) return image;
  store.images.add({ digest: put.digest, mediaType: MEDIA_TYPES.ociManifest, sizeBytes: put.sizeBytes });
  return image;
}

const OCI_LAYERS: Readonly<Record<string, string>> = {
  [MEDIA_TYPES.dockerLayer]: MEDIA_TYPES.ociLayer,
  [MEDIA_TYPES.dockerLayerGzip]: MEDIA_TYPES.ociLayerGzip,
  'application/vnd.docker.image.rootfs.diff.tar.zstd': MEDIA_TYPES.ociLayerZstd,
};

/** Only what identifies the layer goes into a new manifest. */
function toOciLayer({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType: OCI_LAYERS[mediaType] ?? mediaType, digest, size };
}

async function checkPresent(store: Store, digest: Descriptor['digest']): Promise<void> {
  if (await store.blobs.has(digest)) return;
  throw new EngineError('NOT_FOUND', `the layer ${digest} is not in the store`);
}
