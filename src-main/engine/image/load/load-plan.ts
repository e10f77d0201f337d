import type { Digest } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Reference } from '../../oci/reference.ts';

/** An image of an archive: the document that it begins with, and the tags that the archive gives it. */
export interface ArchiveImage {
  readonly descriptor: Descriptor;
  readonly names: readonly Reference[];
}

/** What a load will do. */
export interface LoadPlan {
  readonly images: readonly ArchiveImage[];
  /** Documents that are not in the archive as such: of images that had no manifest. */
  readonly documents: ReadonlyMap<Digest, Uint8Array>;
}
