import { z } from 'zod';
import { digestSchema } from '../../../contract/oci-types.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { descriptorSchema } from '../../oci/descriptor.ts';
import type { Claims, Store } from '../../store/store.ts';
import type { MadeLayer } from '../stage-state.ts';

const LAYERS = 'build-cache';
const SEEN = 'build-cache-seen';

const recordSchema = z.object({
  descriptor: descriptorSchema,
  diffId: digestSchema,
  contentDigest: digestSchema,
  created: z.string(),
});

/** Answers of earlier builds: cache keys and the layers that they led to. */
export interface LayerCache {
  /** `missing` when nothing is known, `evicted` when the layer's blob is gone. What is found is protected before it is looked for. */
  find(key: Digest): Promise<MadeLayer | 'missing' | 'evicted'>;
  /** Keeps the layer's blob as long as the record. */
  keep(key: Digest, made: MadeLayer): void;
  /** Whether a step with this metadata was ever seen: only then is it worth hashing files before copying them. */
  hasSeen(metadataKey: Digest): boolean;
  noteSeen(metadataKey: Digest): void;
  /** Takes the making of what that key leads to, in all processes; see `Claims`. */
  readonly claim: Claims['claim'];
}

export function openLayerCache(store: Store, protect: (digests: readonly Digest[]) => void): LayerCache {
  return {
    find: async (key) => {
      const made = readRecord(store.records.get(LAYERS, key));
      if (made === undefined) return 'missing';
      const { digest } = made.layer.descriptor;
      protect([digest]);
      return (await store.blobs.has(digest)) ? made : 'evicted';
    },
    keep: (key, made) => {
      const { descriptor, diffId } = made.layer;
      const record = { descriptor, diffId, contentDigest: made.contentDigest, created: made.created };
      store.records.put(LAYERS, key, Buffer.from(JSON.stringify(record)), [descriptor.digest]);
    },
    hasSeen: (metadataKey) => store.records.get(SEEN, metadataKey) !== undefined,
    noteSeen: (metadataKey) => store.records.put(SEEN, metadataKey, new Uint8Array([1])),
    claim: (key, options) => store.claims.claim(`build step ${key}`, options),
  };
}

function readRecord(bytes: Uint8Array | undefined): MadeLayer | undefined {
  if (bytes === undefined) return undefined;
  const parsed = recordSchema.safeParse(JSON.parse(Buffer.from(bytes).toString()));
  if (!parsed.success) return undefined;
  const { descriptor, diffId, contentDigest, created } = parsed.data;
  return { layer: { descriptor, diffId }, contentDigest, created };
}
