import { EngineError } from '../../contract/errors.ts';
import { createDigester } from '../oci/digest.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { layerReaderOf } from './layer-reader.ts';
import type { StoredLayer } from './layer-writer.ts';
import type { TocEntry } from './toc.ts';

export type OpenFileOptions = LongOptions & { readonly offset?: number; readonly length?: number };

/**
 * The bytes of a file of a layer, or the part of it that is asked for, without unpacking more of the layer than must
 * be. A file that is read whole is checked against its digest (CORRUPT, R14).
 */
export async function* openLayerFile(
  store: Store,
  layer: StoredLayer,
  entry: TocEntry,
  { signal, offset = 0, length = Number.MAX_SAFE_INTEGER }: OpenFileOptions = {},
): AsyncGenerator<Uint8Array, void, undefined> {
  const start = Math.min(offset, entry.sizeBytes);
  const end = Math.min(entry.sizeBytes, start + length);
  const isWhole = start === 0 && end === entry.sizeBytes;
  const digester = isWhole ? createDigester() : undefined;
  const { contentOffset } = entry;
  for await (const bytes of layerReaderOf(store, layer).read(
    contentOffset + start,
    contentOffset + end,
    signal,
  )) {
    digester?.update(bytes);
    yield bytes;
  }
  if (digester === undefined || entry.contentDigest === undefined) return;
  if (digester.digest() !== entry.contentDigest) {
    throw new EngineError('CORRUPT', `${entry.path} in layer ${layer.descriptor.digest} is damaged`, {
      hint: 'Run varve verify to see what else is.',
    });
  }
}
