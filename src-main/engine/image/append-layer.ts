import type { Digest } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import type { HistoryEntry, ImageConfig } from '../oci/image-config.ts';

export interface ImageLayer {
  readonly descriptor: Descriptor;
  readonly diffId: Digest;
}

/** What `writeImage` makes an image of. */
export interface ImageDraft {
  readonly config: ImageConfig;
  readonly layers: readonly ImageLayer[];
}

/** The image with one more layer on top and the history entry that says what made it. */
export function appendLayer(image: ImageDraft, layer: ImageLayer, history: HistoryEntry): ImageDraft {
  const { rootfs } = image.config;
  const config = {
    ...image.config,
    rootfs: { ...rootfs, diff_ids: [...rootfs.diff_ids, layer.diffId] },
    history: [...(image.config.history ?? []), history],
  };
  return { config, layers: [...image.layers, layer] };
}
