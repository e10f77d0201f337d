import type { ProvedChange } from '../../../contract/builds-api.ts';
import type { Image } from '../../image/image.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { compareStacks } from './compare-stacks.ts';

/** The first difference of two images: in their layers from the bottom, then in their configs. */
export async function compareImages(
  store: Store,
  before: Image,
  after: Image,
  options: LongOptions,
): Promise<ProvedChange | undefined> {
  return (
    (await compareStacks(store, before.layers, after.layers, options)) ??
    compareValues(before.config, after.config, 'config')
  );
}

/** The first member that differs, by its place: `config.history[2].created`. */
function compareValues(a: unknown, b: unknown, place: string): ProvedChange | undefined {
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
