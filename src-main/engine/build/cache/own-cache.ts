import { randomUUID } from 'node:crypto';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Claims } from '../../store/store.ts';
import type { MadeLayer } from '../stage-state.ts';
import { claimStep } from './claim-step.ts';
import type { LayerCache } from './layer-cache.ts';

/** The cache of a build that shares with no other: it begins empty, only the build finds anything in it, and it ends with it. */
export function createOwnCache(claims: Claims): LayerCache {
  const build = randomUUID();
  const layers = new Map<Digest, MadeLayer>();
  const seen = new Set<Digest>();
  return {
    find: (key) => Promise.resolve(layers.get(key) ?? 'missing'),
    keep: (key, made) => void layers.set(key, made),
    noteHit: () => undefined,
    hasSeen: (metadataKey) => seen.has(metadataKey),
    noteSeen: (metadataKey) => void seen.add(metadataKey),
    claim: (key, options) => claimStep(claims, `${build} ${key}`, options),
  };
}
