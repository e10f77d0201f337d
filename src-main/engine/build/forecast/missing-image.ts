import type { Platform } from '../../../contract/oci-types.ts';
import type { Image } from '../../image/image.ts';
import { digestOf } from '../../oci/digest.ts';

const NOTHING = digestOf('');
const NO_DESCRIPTOR = { mediaType: 'application/vnd.oci.image.manifest.v1+json', digest: NOTHING, size: 0 };
const NO_IMAGE: Omit<Image, 'platform'> = {
  descriptor: NO_DESCRIPTOR,
  manifest: { schemaVersion: 2, config: NO_DESCRIPTOR, layers: [] },
  config: { architecture: '', os: '', rootfs: { type: 'layers', diff_ids: [] } },
  imageId: NOTHING,
  layers: [],
};
const missing = new WeakSet<Image>();

/** Takes the place of an image that is not in the store. */
export function missingImage(platform: Platform): Image {
  const image = { ...NO_IMAGE, platform };
  missing.add(image);
  return image;
}

export function isMissingImage(image: Image): boolean {
  return missing.has(image);
}
