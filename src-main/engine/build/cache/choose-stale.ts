import type { Digest } from '../../../contract/oci-types.ts';
import type { KeptCacheMount } from '../../sandbox/sandbox.ts';
import { freeableBytes } from '../../store/kept-blobs.ts';
import type { KeptBlob } from '../../store/store.ts';

export interface StaleLimits {
  /** How much may stay of what only the cache needs, layers and cache mounts together. */
  readonly maxBytes: number;
  /** Nothing that was used since then goes for its age, in milliseconds since 1970. */
  readonly usedSinceMs: number;
}

export interface StaleCache {
  readonly layers: readonly Digest[];
  readonly mounts: readonly KeptCacheMount[];
}

/**
 * What goes to keep the limits, the longest unused first. A layer that something else needs stays: it costs nothing. A
 * mount that is in use stays too, and what it takes is taken from the others. A record whose layer is gone goes.
 */
export function chooseStale(
  kept: readonly KeptBlob[],
  mounts: readonly KeptCacheMount[],
  limits: StaleLimits,
): StaleCache {
  const gone = kept.filter(({ sizeBytes }) => sizeBytes === 0);
  const freeable = kept.filter((blob) => freeableBytes(blob) > 0);
  const newest = [...freeable.map(layerPart), ...mounts.map(mountPart)].sort(
    (a, b) => b.usedAtMs - a.usedAtMs,
  );
  let bytes = 0;
  const stale = newest.filter((part) => {
    bytes += part.bytes;
    return !part.inUse && (bytes > limits.maxBytes || part.usedAtMs < limits.usedSinceMs);
  });
  return {
    layers: [...gone.map(({ digest }) => digest), ...stale.flatMap(({ layer }) => layer ?? [])],
    mounts: stale.flatMap(({ mount }) => mount ?? []),
  };
}

/** A layer or a mount, as the limits see it. */
interface CachePart {
  readonly bytes: number;
  readonly usedAtMs: number;
  readonly inUse: boolean;
  readonly layer?: Digest;
  readonly mount?: KeptCacheMount;
}

function layerPart(blob: KeptBlob): CachePart {
  return { bytes: freeableBytes(blob), usedAtMs: blob.usedAtMs, inUse: false, layer: blob.digest };
}

function mountPart(mount: KeptCacheMount): CachePart {
  const { bytes, inUse, lastUsedMs } = mount;
  return { bytes, inUse, usedAtMs: inUse ? Infinity : lastUsedMs, mount };
}
