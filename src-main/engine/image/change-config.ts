import type { ContainerConfig, HistoryEntry } from '../oci/image-config.ts';
import type { ImageDraft } from './append-layer.ts';

/** The image with members of its config replaced, and the history entry (of an empty layer) that says why. */
export function changeConfig(
  image: ImageDraft,
  change: Partial<ContainerConfig>,
  history: HistoryEntry,
): ImageDraft {
  const config = {
    ...image.config,
    config: { ...image.config.config, ...change },
    history: [...(image.config.history ?? []), { ...history, empty_layer: true }],
  };
  return { ...image, config };
}
