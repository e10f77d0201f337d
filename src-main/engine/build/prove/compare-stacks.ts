import type { ProvedChange } from '../../../contract/builds-api.ts';
import { readToc } from '../../filetree/read-toc.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { compareLayers } from './compare-layers.ts';

/** The first difference of two stacks of layers, from the bottom. */
export async function compareStacks(
  store: Store,
  before: LayerStack,
  after: LayerStack,
  options: LongOptions,
): Promise<ProvedChange | undefined> {
  for (let layer = 0; layer < Math.max(before.length, after.length); layer += 1) {
    const [a, b] = [before[layer], after[layer]];
    if (a === undefined || b === undefined) return { layer, ...missingLayer(a, b) };
    if (a.descriptor.digest === b.descriptor.digest) continue;
    const [ours, theirs] = [await open(store, a, options), await open(store, b, options)];
    const found = await compareLayers(store, ours, theirs, options);
    return {
      layer,
      ...(found ?? { field: 'compression', before: a.descriptor.digest, after: b.descriptor.digest }),
    };
  }
  return undefined;
}

function missingLayer(a: unknown, b: unknown): Omit<ProvedChange, 'layer'> {
  const there = (layer: unknown): string => (layer === undefined ? 'missing' : 'there');
  return { field: 'presence', before: there(a), after: there(b) };
}

async function open(store: Store, layer: LayerStack[number], options: LongOptions): Promise<StoredLayer> {
  return { ...layer, toc: await readToc(store, layer, options) };
}
