import { isEngineError } from '../../contract/errors.ts';
import type { HistoryRow, LayerOrigin } from '../../contract/images-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { Store } from '../store/store.ts';
import { historyRows } from './history-rows.ts';
import type { Image } from './image.ts';
import { openImage } from './open-image.ts';

/**
 * What made each layer. No document says where a base image ends, so: a layer is of the base when another image of
 * the store, one that was not built here, consists of the layers from the bottom up to at least this one. All others
 * are told by their history's text, and so are those of an image whose base is not in the store.
 */
export async function layerOrigins(store: Store, image: Image): Promise<readonly LayerOrigin[]> {
  const baseLayers = await countBaseLayers(store, image);
  const rows = new Map(historyRows(image).map((row) => [row.layer, row]));
  return image.layers.map((_, position) =>
    position < baseLayers ? 'base' : originOf(rows.get(position), position),
  );
}

async function countBaseLayers(store: Store, image: Image): Promise<number> {
  const built = builtDigests(store);
  const isBuilt = built.has(image.descriptor.digest);
  let count = 0;
  for (const { digest } of store.images.list()) {
    if (built.has(digest) || digest === image.descriptor.digest) continue;
    const base = await openIfWhole(store, digest);
    if (base === undefined || base.imageId === image.imageId || !isBase(base, image)) continue;
    const { length } = base.layers;
    if (length < image.layers.length || isBuilt) count = Math.max(count, length);
  }
  return count;
}

function builtDigests(store: Store): ReadonlySet<Digest | undefined> {
  const builds = store.tags.history().filter(({ cause }) => cause === 'build');
  return new Set(builds.map(({ to }) => to));
}

async function openIfWhole(store: Store, digest: Digest): Promise<Image | undefined> {
  try {
    return await openImage(store, digest);
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}

function isBase(base: Image, image: Image): boolean {
  const { layers } = base;
  return layers.length > 0 && layers.every(({ diffId }, i) => diffId === image.layers[i]?.diffId);
}

/** How root file systems of distributions are added at the bottom of their images. */
const ROOT_FILE_SYSTEM = /#\(nop\)\s+ADD file:|^ADD file:|debian\.sh|^ADD \S*rootfs\S* /;

function originOf(row: HistoryRow | undefined, position: number): LayerOrigin {
  if (row === undefined || row.createdBy === '') return position === 0 ? 'base' : 'other';
  const text = row.createdBy.trim();
  if (position === 0 && ROOT_FILE_SYSTEM.test(text)) return 'base';
  const instruction = /#\(nop\)\s+(\w+)/.exec(text)?.[1] ?? /^\w+/.exec(text)?.[0];
  if (instruction === 'COPY' || instruction === 'ADD') return 'copy';
  const isClassicRun = !text.includes('#(nop)') && /^(?:\|\d+ .*)?\/bin\/sh -c /.test(text);
  return instruction === 'RUN' || isClassicRun ? 'run' : 'other';
}
