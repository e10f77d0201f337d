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
  // It has some: what is looked for in it may well be there.
  layers: [{ descriptor: NO_DESCRIPTOR, diffId: NOTHING }],
};
const missing = new WeakSet<Image>();

export const NOT_HERE = 'the image is not here yet: a build pulls it';

/** Takes the place of an image that is not in the store. */
export function missingImage(platform: Platform): Image {
  const image = { ...NO_IMAGE, platform };
  missing.add(image);
  return image;
}

export function isMissingImage(image: Image): boolean {
  return missing.has(image);
}

export function isMissingLayer({ diffId }: Image['layers'][number]): boolean {
  return diffId === NOTHING;
}
