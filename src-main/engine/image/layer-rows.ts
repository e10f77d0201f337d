import type { LayerRow } from '../../contract/images-api.ts';
import { summarizeLayer } from '../filetree/diff.ts';
import { stackPrefixes, type ReadLayerOptions } from '../filetree/stack-root-fs.ts';
import { chainIds } from '../oci/chain-id.ts';
import type { Store } from '../store/store.ts';
import { historyRows } from './history-rows.ts';
import { layerOrigins } from './layer-origins.ts';
import { resolveImage } from './resolve-image.ts';

/** See the contract's `images.layers`. */
export async function imageLayerRows(
  store: Store,
  ref: string,
  options: ReadLayerOptions = {},
): Promise<LayerRow[]> {
  const { image } = await resolveImage(store, ref, options);
  const stacks = await stackPrefixes(store, image.layers, options);
  const chain = chainIds(image.layers.map(({ diffId }) => diffId));
  const origins = await layerOrigins(store, image);
  const history = new Map(historyRows(image).map((row) => [row.layer, row]));
  return image.layers.flatMap(({ descriptor, diffId }, position) => {
    const [below, above, row] = [stacks[position], stacks[position + 1], history.get(position)];
    if (below === undefined || above === undefined) return [];
    return {
      position,
      digest: descriptor.digest,
      diffId,
      chainId: chain[position] ?? diffId,
      mediaType: descriptor.mediaType,
      sizeBytes: descriptor.size,
      unpackedBytes: above.layers[position]?.toc.unpackedBytes,
      origin: origins[position] ?? 'other',
      createdBy: row?.createdBy,
      createdAt: row?.createdAt,
      ...summarizeLayer(below.tree, above.tree),
    };
  });
}
