import { z } from 'zod';
import { digestSchema, type Digest } from '../../contract/oci-types.ts';
import type { Store } from '../store/store.ts';
import type { BlockMap } from './toc.ts';

const KIND = 'layer';

const recordSchema = z.object({
  diffId: digestSchema,
  unpackedBytes: z.number().nonnegative(),
  blocks: z
    .object({
      compression: z.enum(['gzip', 'zstd', 'none']),
      blockBytes: z.number().int().positive(),
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
  store.records.put(KIND, blob, Buffer.from(JSON.stringify(record)));
}

/** Undefined when nothing is known, also when the record is damaged: it can be made again (R5). */
export function getLayerRecord(store: Store, blob: Digest): LayerRecord | undefined {
  const bytes = store.records.get(KIND, blob);
  if (bytes === undefined) return undefined;
  const parsed = recordSchema.safeParse(parseJson(Buffer.from(bytes).toString('utf8')));
  if (!parsed.success) return undefined;
  const { diffId, unpackedBytes, blocks } = parsed.data;
  return { diffId, unpackedBytes, blocks };
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
