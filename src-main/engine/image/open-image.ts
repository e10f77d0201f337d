import { EngineError } from '../../contract/errors.ts';
import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { detectMediaType } from '../oci/detect-media-type.ts';
import { parseImageConfig, type ImageConfig } from '../oci/image-config.ts';
import { MAX_INDEX_DEPTH, parseImageIndex } from '../oci/image-index.ts';
import { parseManifest, type Manifest } from '../oci/manifest.ts';
import { isManifestType } from '../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../oci/parse-document.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { choosePlatform, platformOfConfig } from './choose-platform.ts';
import type { Image } from './image.ts';

/**
 * The image that a manifest or image index names, for `platform` (this machine's unless told). Every document is
 * verified by its digest, read as its media type says (S6), and consistent with the others: as many layers as diff
 * IDs (CORRUPT). Layers are not read.
 */
export async function openImage(
  store: Store,
  digest: Digest,
  options: LongOptions & { readonly platform?: Platform | undefined } = {},
): Promise<Image> {
  const descriptor = await openManifestDescriptor(store, digest, options, 0);
  const manifest = parseManifest(await readDocument(store, descriptor, options));
  checkMediaType(manifest.mediaType, descriptor);
  const config = parseImageConfig(await readDocument(store, manifest.config, options));
  return createImage(descriptor, manifest, config);
}

/** The parsed documents as one; CORRUPT when they contradict each other. */
export function createImage(descriptor: Descriptor, manifest: Manifest, config: ImageConfig): Image {
  const diffIds = config.rootfs.diff_ids;
  if (manifest.layers.length !== diffIds.length) {
    throw new EngineError(
      'CORRUPT',
      `the image ${descriptor.digest} has ${manifest.layers.length} layers and ${diffIds.length} diff IDs`,
    );
  }
  return {
    descriptor,
    manifest,
    config,
    imageId: manifest.config.digest,
    platform: platformOfConfig(config),
    layers: manifest.layers.flatMap((layer, position) => {
      const diffId = diffIds[position];
      return diffId === undefined ? [] : [{ descriptor: layer, diffId }];
    }),
  };
}

/** Follows image indexes to the manifest of the wanted platform. */
async function openManifestDescriptor(
  store: Store,
  digest: Digest,
  options: LongOptions & { readonly platform?: Platform | undefined },
  depth: number,
): Promise<Descriptor> {
  const bytes = await store.blobs.read(digest, { ...options, limitBytes: DOCUMENT_LIMIT_BYTES });
  const mediaType = detectMediaType(bytes, digest);
  if (isManifestType(mediaType)) return { mediaType, digest, size: bytes.length };
  if (depth >= MAX_INDEX_DEPTH) {
    throw new EngineError('LIMIT_EXCEEDED', `the image index ${digest} is nested too deeply`);
  }
  const chosen = await choosePlatform(store, parseImageIndex(bytes), digest, options);
  return openManifestDescriptor(store, chosen.digest, options, depth + 1);
}

async function readDocument(store: Store, descriptor: Descriptor, options: LongOptions): Promise<Uint8Array> {
  const limitBytes = DOCUMENT_LIMIT_BYTES;
  const bytes = await store.blobs.read(descriptor.digest, { ...options, limitBytes });
  if (bytes.length === descriptor.size) return bytes;
  throw new EngineError(
    'CORRUPT',
    `${descriptor.digest} has ${bytes.length} bytes and its descriptor says ${descriptor.size}`,
  );
}

function checkMediaType(stated: string | undefined, descriptor: Descriptor): void {
  if (stated === undefined || stated === descriptor.mediaType) return;
  throw new EngineError(
    'CORRUPT',
    `${descriptor.digest} is said to be ${descriptor.mediaType} and says ${stated}`,
  );
}
