import type { ProvedDifference } from '../../../contract/builds-api.ts';
import { readToc } from '../../filetree/read-toc.ts';
import type { StoredLayer } from '../../filetree/layer-writer.ts';
import type { Image } from '../../image/image.ts';
import type { LayerStack } from '../../sandbox/sandbox.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { compareLayers } from './compare-layers.ts';

/** The first difference of two images: in their layers from the bottom, then in their configs. */
export async function compareImages(
  store: Store,
  before: Image,
  after: Image,
  options: LongOptions,
): Promise<ProvedDifference | undefined> {
  const count = Math.max(before.layers.length, after.layers.length);
  for (let layer = 0; layer < count; layer += 1) {
    const [a, b] = [before.layers[layer], after.layers[layer]];
    if (a === undefined || b === undefined) return { layer, ...missingLayer(a, b) };
    if (a.descriptor.digest === b.descriptor.digest) continue;
    const [ours, theirs] = [await open(store, a, options), await open(store, b, options)];
    const found = await compareLayers(store, ours, theirs, options);
    return {
      layer,
      ...(found ?? { field: 'compression', before: a.descriptor.digest, after: b.descriptor.digest }),
    };
  }
  return compareValues(before.config, after.config, 'config');
}

function missingLayer(a: unknown, b: unknown): Omit<ProvedDifference, 'layer'> {
  const there = (layer: unknown): string => (layer === undefined ? 'missing' : 'there');
  return { field: 'presence', before: there(a), after: there(b) };
}

async function open(store: Store, layer: LayerStack[number], options: LongOptions): Promise<StoredLayer> {
  return { ...layer, toc: await readToc(store, layer, options) };
}

/** The first member that differs, by its place: `config.history[2].created`. */
function compareValues(a: unknown, b: unknown, place: string): ProvedDifference | undefined {
  if (!isObject(a) || !isObject(b)) {
    const [before, after] = [JSON.stringify(a) ?? 'missing', JSON.stringify(b) ?? 'missing'];
    return before === after ? undefined : { field: place, before, after };
  }
  for (const name of new Set([...Object.keys(a), ...Object.keys(b)])) {
    const inside = Array.isArray(a) ? `${place}[${name}]` : `${place}.${name}`;
    const found = compareValues(a[name], b[name], inside);
    if (found !== undefined) return found;
  }
  return undefined;
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}
