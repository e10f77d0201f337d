import { isEngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { knownToc, readToc, type LayerIds, type ReadTocOptions } from '../../filetree/read-toc.ts';
import type { Toc } from '../../filetree/toc.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import type { LayoutFile } from '../cache/transfer/layout-files.ts';
import { isMissingLayer, NOT_HERE } from './missing-image.ts';
import { Unforeseen } from './unforeseen.ts';

/** What a forecast that someone waits for while typing spends on layers that were never looked into. */
const LONGEST_MS = 120;

/** Tells what layers hold that a build would find. */
export interface LayerReader {
  /** Unforeseen where that is not known in time, or not here at all. */
  tocOf(layer: LayerIds): Promise<Toc>;
  /** Whether a layer is still being read: then more will be known soon. */
  isReading(): boolean;
}

/** Layers that are being read for forecasts, by their blobs: what one began the next waits for. */
const reading = new WeakMap<Store, Map<Digest, Promise<Toc | undefined>>>();

interface LayerReaderOptions extends LongOptions {
  readonly thorough: boolean;
  /** A layer that is not in the store, where another cache has it. */
  findLayer(layer: LayerIds['descriptor']): Promise<LayoutFile | undefined>;
}

/** Each layer is read once: that goes on when a forecast has no more time for it, unless it is `thorough`. */
export function createLayerReader(
  store: Store,
  { thorough, signal, findLayer }: LayerReaderOptions,
): LayerReader {
  const began = performance.now();
  let unfinished = false;
  const wait = async (work: Promise<Toc | undefined>): Promise<Toc | undefined> => {
    if (thorough) return work;
    const leftMs = Math.max(0, LONGEST_MS - (performance.now() - began));
    return Promise.race([work, later(leftMs)]);
  };
  return {
    tocOf: async (layer) => {
      if (isMissingLayer(layer)) throw new Unforeseen(NOT_HERE);
      const known = await knownToc(store, layer);
      if (known !== undefined) return known;
      const { digest } = layer.descriptor;
      const isHere = await store.blobs.has(digest);
      const file = isHere ? undefined : await findLayer(layer.descriptor);
      const options = { signal: thorough ? signal : undefined, open: file?.open };
      const read = await wait(readOnce(store, layer, options));
      if (read !== undefined) return read;
      unfinished = readingOf(store).has(digest);
      throw new Unforeseen('its base was not looked into yet');
    },
    isReading: () => unfinished,
  };
}

function readingOf(store: Store): Map<Digest, Promise<Toc | undefined>> {
  const known = reading.get(store) ?? new Map<Digest, Promise<Toc | undefined>>();
  reading.set(store, known);
  return known;
}

/** Undefined for one that cannot be read: the build tells why. */
function readOnce(store: Store, layer: LayerIds, options: ReadTocOptions): Promise<Toc | undefined> {
  const known = readingOf(store);
  const { digest } = layer.descriptor;
  const work =
    known.get(digest) ??
    readToc(store, layer, options)
      .catch((error: unknown) => {
        if (isEngineError(error, 'CANCELLED')) throw error;
        return undefined;
      })
      .finally(() => known.delete(digest));
  known.set(digest, work);
  return work;
}

function later(ms: number): Promise<undefined> {
  return new Promise((resolve) => setTimeout(resolve, ms, undefined).unref());
}
