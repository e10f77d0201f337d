import { z } from 'zod';
import { digestSchema } from '../../../contract/oci-types.ts';
import type { Digest, TransferProgress } from '../../../contract/oci-types.ts';
import { descriptorSchema } from '../../oci/descriptor.ts';
import { isAfter } from '../../store/moments-table.ts';
import type { Claim, Store } from '../../store/store.ts';
import type { MadeLayer } from '../stage-state.ts';
import { claimStep, type StepClaimOptions } from './claim-step.ts';

/** The kind of the records that lead to layers. */
export const LAYERS = 'build-cache';
const SEEN = 'build-cache-seen';

const recordSchema = z.object({
  descriptor: descriptorSchema,
  diffId: digestSchema,
  contentDigest: digestSchema,
  created: z.string(),
  began: z.object({ era: z.string(), tick: z.number() }).optional(),
  /** For a reader. */
  instruction: z.string().default(''),
});
export type LayerRecord = Readonly<z.output<typeof recordSchema>>;

/** Answers of earlier builds: cache keys and the layers that they led to. */
export interface LayerCache {
  /** `missing` when nothing is known, `evicted` when the layer's blob is gone. What is found is protected before it is looked for. */
  find(
    key: Digest,
    onProgress?: (progress: TransferProgress) => void,
  ): Promise<MadeLayer | 'missing' | 'evicted'>;
  /** Keeps the layer's blob as long as the record; `instruction` is what made it. What began later stays. */
  keep(key: Digest, made: MadeLayer, instruction: string): void;
  /** Counts that the layer was taken. */
  noteHit(key: Digest): void;
  /** Whether a step with this metadata was ever seen: only then is it worth hashing files before copying them. */
  hasSeen(metadataKey: Digest): boolean;
  noteSeen(metadataKey: Digest): void;
  /** Takes the making of what that key leads to, in all processes, when no one that is waited for has it. */
  claim(key: Digest, options: StepClaimOptions): Promise<Claim>;
}

export function openLayerCache(store: Store, protect: (digests: readonly Digest[]) => void): LayerCache {
  return {
    find: async (key) => {
      const record = parseLayerRecord(store.records.get(LAYERS, key));
      if (record === undefined) return 'missing';
      const { descriptor, diffId, contentDigest, created, began } = record;
      protect([descriptor.digest]);
      const isThere = await store.blobs.has(descriptor.digest);
      return isThere ? { layer: { descriptor, diffId }, contentDigest, created, began } : 'evicted';
    },
    keep: (key, { layer, contentDigest, created, began }, instruction) => {
      if (isAfter(parseLayerRecord(store.records.get(LAYERS, key))?.began, began)) return;
      const { descriptor, diffId } = layer;
      const record: LayerRecord = { descriptor, diffId, contentDigest, created, began, instruction };
      store.records.put(LAYERS, key, Buffer.from(JSON.stringify(record)), [descriptor.digest]);
    },
    noteHit: (key) => store.records.noteHit(LAYERS, key),
    hasSeen: (metadataKey) => store.records.get(SEEN, metadataKey) !== undefined,
    noteSeen: (metadataKey) => store.records.put(SEEN, metadataKey, new Uint8Array([1])),
    claim: (key, options) => claimStep(store.claims, key, options),
  };
}

/** A record as it was kept; undefined for none, and for one of another version of Varve. */
export function parseLayerRecord(bytes: Uint8Array | undefined): LayerRecord | undefined {
  return bytes === undefined
    ? undefined
    : recordSchema.safeParse(JSON.parse(Buffer.from(bytes).toString())).data;
}
