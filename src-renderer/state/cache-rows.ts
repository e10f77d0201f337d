import type { CacheEntry, CacheMount } from '../../src-main/contract/cache-api.ts';

/** A line of the cache's list: a layer, or a folder that RUN keeps. */
export interface CacheRow {
  readonly key: string;
  readonly kind: 'layer' | 'mount';
  readonly text: string;
  readonly sizeBytes: number;
  /** What removing it frees. */
  readonly freesBytes: number;
  readonly lastUsedAt: string;
  readonly hits: number | undefined;
  /** What else needs it, for a reader; '' when nothing does. */
  readonly neededBy: string;
}

export function layerRow({ id, description, images, inUse, ...entry }: CacheEntry): CacheRow {
  const names = images.map(shortName);
  return {
    key: id,
    kind: 'layer',
    text: description.replaceAll(/\s+/g, ' ') || id,
    sizeBytes: entry.sizeBytes,
    freesBytes: entry.freesBytes,
    lastUsedAt: entry.lastUsedAt,
    hits: entry.hits,
    neededBy: names.join(', ') || (inUse ? 'a running build, or undoing a tag' : ''),
  };
}

export function mountRow({ id, name, sizeBytes, lastUsedAt, inUse }: CacheMount): CacheRow {
  return {
    key: `mount ${id}`,
    kind: 'mount',
    text: `cache mount ${name}`,
    sizeBytes,
    freesBytes: inUse ? 0 : sizeBytes,
    lastUsedAt,
    hits: undefined,
    neededBy: inUse ? 'a running command' : '',
  };
}

/** As people write it: an untagged image by the beginning of its digest. */
function shortName(image: string): string {
  return image.startsWith('sha256:')
    ? image.slice('sha256:'.length, 'sha256:'.length + 12)
    : image.replace(/^docker\.io\/(?:library\/)?/, '');
}
