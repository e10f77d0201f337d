import { applyToc } from './apply-toc.ts';
import type { StoredLayer } from './layer-writer.ts';
import { createStackedRootFs, type StackedRootFs } from './stacked-root-fs.ts';

/** The root file system with one more layer on top; takes time by the size of the layer and shares the rest. */
export function pushLayer(below: StackedRootFs, layer: StoredLayer): StackedRootFs {
  const tree = applyToc(below.tree, layer.toc, below.layerCount);
  return createStackedRootFs(below.store, [...below.layers, layer], tree);
}
