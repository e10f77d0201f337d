import type { ForecastRequest } from '../../../contract/builds-api.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { openLayerCache, type LayerCache } from '../cache/layer-cache.ts';
import { parentKey } from '../cache/seen-steps.ts';
import type { CachedStep } from '../cache/transfer/cache-document.ts';
import type { LayoutFile } from '../cache/transfer/layout-files.ts';
import type { CacheSource } from '../cache/transfer/open-cache-source.ts';
import { openCacheSources } from '../cache/transfer/open-cache-sources.ts';

interface ForecastCache {
  readonly cache: LayerCache;
  /** The blob of a layer that one of them has. */
  findLayer(layer: Descriptor): Promise<LayoutFile | undefined>;
  /** Whether the caches of others may have steps of which nothing can be told. */
  readonly mayImport: boolean;
}

/** The own cache, with the documents of others behind it: their layers are only seen to be there. */
export async function openForecastCache(
  store: Store,
  { cacheFrom, thorough }: ForecastRequest,
  { signal }: LongOptions,
): Promise<ForecastCache> {
  const own = openLayerCache(store, () => undefined);
  // What cannot be used is told by the build, which does without it too. To find what is in a tar all of it is read.
  const read = thorough ? cacheFrom : cacheFrom.filter(({ type }) => type === 'local');
  const sources = await openCacheSources(read, { signal, onRefused: () => undefined });
  const steps = sources.flatMap((source) => source.document.steps.map((step) => ({ source, step })));
  const isWhole = read.length === cacheFrom.length && steps.every(({ step }) => step.ownKey !== undefined);
  const findLayer = (layer: Descriptor): Promise<LayoutFile | undefined> => findFirst(sources, layer);
  return { cache: lookingInto(own, steps), findLayer, mayImport: !isWhole };
}

async function findFirst(
  sources: readonly CacheSource[],
  layer: Descriptor,
): Promise<LayoutFile | undefined> {
  for (const source of sources) {
    const found = await source.find(layer);
    if (found !== undefined) return found;
  }
  return undefined;
}

interface OfferedStep {
  readonly source: CacheSource;
  readonly step: CachedStep;
}

function lookingInto(own: LayerCache, steps: readonly OfferedStep[]): LayerCache {
  const byKey = Map.groupBy(steps, ({ step }) => step.key);
  const seen = new Set(steps.flatMap(({ step }) => seenKeys(step)));
  return {
    ...own,
    hasSeen: (key) => own.hasSeen(key) || seen.has(key),
    find: async (key) => {
      const found = await own.find(key);
      if (typeof found !== 'string') return found;
      for (const { source, step } of byKey.get(key) ?? []) {
        const { layer: descriptor, diffId, contentDigest, created } = step;
        const isThere = (await source.find(descriptor)) !== undefined;
        if (isThere) return { layer: { descriptor, diffId }, contentDigest, created };
      }
      return found;
    },
  };
}

function seenKeys({ metadataKey, ownKey, parent }: CachedStep): readonly Digest[] {
  const parents = parent === undefined ? [] : [parentKey(parent)];
  return [metadataKey, ownKey].flatMap((key) => key ?? []).concat(parents);
}
