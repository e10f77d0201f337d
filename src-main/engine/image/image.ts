import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { ImageConfig } from '../oci/image-config.ts';
import type { Manifest } from '../oci/manifest.ts';

/** An image of one platform that is in the store: its documents, parsed and consistent with each other. */
export interface Image {
  readonly descriptor: Descriptor;
  readonly manifest: Manifest;
  readonly config: ImageConfig;
  readonly imageId: Digest;
  readonly platform: Platform;
  /** Layers from the bottom: the blob and the diff ID it must have. */
  readonly layers: readonly { readonly descriptor: Descriptor; readonly diffId: Digest }[];
}
