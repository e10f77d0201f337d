import { randomUUID } from 'node:crypto';
import type { Digest } from '../../../contract/oci-types.ts';
import type { MadeLayer } from '../stage-state.ts';
import type { LayerCache } from './layer-cache.ts';

/**
 * The cache of steps that must not ask the cache (`--no-cache`): it knows only what other stages of the same build
 * made, so that equal stages still do their work once, while a stage that says the same thing twice does it twice.
 * What is made is kept for later builds. Two builds at once share nothing here, even of the same Dockerfile: each was
 * asked to run its steps anew, and would not have if it took what the other made.
 */
export function createFreshCache(kept: LayerCache): (stage: number) => LayerCache {
  const build = randomUUID();
  const made = new Map<Digest, { readonly stage: number; readonly layer: MadeLayer }>();
  const seen = new Set<Digest>();
  return (stage) => ({
    find: (key) => {
      const known = made.get(key);
      return Promise.resolve(known === undefined || known.stage === stage ? 'missing' : known.layer);
    },
    keep: (key, layer, instruction) => {
      made.set(key, { stage, layer });
      kept.keep(key, layer, instruction);
    },
    noteHit: (key) => kept.noteHit(key),
    hasSeen: (metadataKey) => seen.has(metadataKey),
    noteSeen: (metadataKey) => {
      seen.add(metadataKey);
      kept.noteSeen(metadataKey);
    },
    claim: (key, options) => kept.claim(`${build} ${key}`, options),
  });
}
