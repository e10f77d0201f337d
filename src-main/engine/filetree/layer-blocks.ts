import { z } from 'zod';
import { isEngineError } from '../../contract/errors.ts';
import { digestSchema, type Digest } from '../../contract/oci-types.ts';
import { createDigester } from '../oci/digest.ts';
import type { Compression } from '../oci/media-types.ts';
import type { Store } from '../store/store.ts';
import { compressionForm } from '../tar/compress-block.ts';
import type { BlockReuse } from '../tar/compress-blocks.ts';
import { getJsonRecord, putJsonRecord } from '../store/json-record.ts';

const KIND = 'layer-blocks';

const blockSchema = z.tuple([
  /** The sha256 of what the block holds. */
  z.string(),
  /** The digest of its compressed bytes: they are checked before they are used again (R14). */
  digestSchema,
  z.number().int().nonnegative(),
  z.number().int().nonnegative(),
]);

const recordSchema = z.object({
  /** What the compressed bytes depend on besides what they hold. */
  form: z.string(),
  blob: digestSchema,
  blocks: z.array(blockSchema),
});
type LayerBlocksRecord = z.output<typeof recordSchema>;

/** The compressed blocks of the layer that was last written for a place, and those of the one being written. */
export interface LayerBlocks extends BlockReuse {
  /** Keeps where the blocks of the new layer are, for the next one. */
  save(blob: Digest): void;
}

/** Disposable, as every record (R5): without it, or without the layer, everything is compressed. */
export function openBlockReuse(store: Store, place: Digest, compression: Compression): LayerBlocks {
  const form = compressionForm(compression);
  const last = getJsonRecord(store, KIND, place, recordSchema);
  const known = new Map(last?.form === form ? last.blocks.map((block) => [block[0], block]) : []);
  const blocks: LayerBlocksRecord['blocks'] = [];
  return {
    find: async (content) => {
      const block = known.get(content);
      if (last === undefined || block === undefined) return undefined;
      const [, digest, offset, sizeBytes] = block;
      const bytes = await readBlock(store, last.blob, offset, sizeBytes);
      return bytes !== undefined && digestOfPieces([bytes]) === digest ? bytes : undefined;
    },
    note: (content, pieces, offset) => {
      const sizeBytes = pieces.reduce((sum, piece) => sum + piece.length, 0);
      blocks.push([content, digestOfPieces(pieces), offset, sizeBytes]);
    },
    save: (blob) => putJsonRecord(store, KIND, place, { form, blob, blocks }),
  };
}

/** Undefined when the layer is gone or cannot be read: what it had can be made again. */
async function readBlock(
  store: Store,
  blob: Digest,
  offset: number,
  sizeBytes: number,
): Promise<Uint8Array | undefined> {
  try {
    return await store.blobs.readAt(blob, offset, sizeBytes);
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}

function digestOfPieces(pieces: readonly Uint8Array[]): Digest {
  const digester = createDigester();
  for (const piece of pieces) digester.update(piece);
  return digester.digest();
}
