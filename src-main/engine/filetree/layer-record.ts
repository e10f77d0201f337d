import { z } from 'zod';
import { digestSchema, type Digest } from '../../contract/oci-types.ts';
import type { Store } from '../store/store.ts';
import { getJsonRecord, putJsonRecord } from '../store/json-record.ts';
import type { BlockMap } from './toc.ts';

const KIND = 'layer';

const recordSchema = z.object({
  diffId: digestSchema,
  unpackedBytes: z.number().nonnegative(),
  blocks: z
    .object({
      compression: z.enum(['gzip', 'zstd', 'none']),
      starts: z.array(z.number().int().nonnegative()),
      offsets: z.array(z.number().int().nonnegative()),
    })
    .optional(),
});

/** What is known of a layer's blob: that it unpacks to this diff ID, and where its blocks are if we wrote it. */
export interface LayerRecord {
  readonly diffId: Digest;
  readonly unpackedBytes: number;
  readonly blocks: BlockMap | undefined;
}

/** Notes what was seen with our own eyes: the blob was written or read whole, and its diff ID computed. */
export function putLayerRecord(store: Store, blob: Digest, record: LayerRecord): void {
  putJsonRecord(store, KIND, blob, record);
}

/** Undefined when nothing is known. */
export function getLayerRecord(store: Store, blob: Digest): LayerRecord | undefined {
  const record = getJsonRecord(store, KIND, blob, recordSchema);
  if (record === undefined) return undefined;
  const { diffId, unpackedBytes, blocks } = record;
  return { diffId, unpackedBytes, blocks };
}
