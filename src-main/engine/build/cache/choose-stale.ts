import type { Digest } from '../../../contract/oci-types.ts';
import { freeableBytes } from '../../store/kept-blobs.ts';
import type { KeptBlob } from '../../store/store.ts';

export interface StaleLimits {
  /** How much may stay of what only the cache needs. */
  readonly maxBytes: number;
  /** Nothing that was used since then goes for its age, in milliseconds since 1970. */
  readonly usedSinceMs: number;
}

/**
 * What goes to keep the limits, the longest unused first. What something else needs stays: it costs nothing. A record
 * whose layer is gone goes.
 */
export function chooseStale(kept: readonly KeptBlob[], limits: StaleLimits): readonly Digest[] {
  const gone = kept.filter(({ sizeBytes }) => sizeBytes === 0);
  const newest = kept.filter((blob) => freeableBytes(blob) > 0).sort((a, b) => b.usedAtMs - a.usedAtMs);
  let bytes = 0;
  const stale = newest.filter((blob) => {
    bytes += freeableBytes(blob);
    return bytes > limits.maxBytes || blob.usedAtMs < limits.usedSinceMs;
  });
  return [...gone, ...stale].map(({ digest }) => digest);
}
