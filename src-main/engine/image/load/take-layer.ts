import { createDigester } from '../../oci/digest.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { createTocCollector } from '../../filetree/toc-collector.ts';
import type { BlockMap } from '../../filetree/toc.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { createBlockCompressor } from '../../tar/compress-blocks.ts';
import { decompress } from '../../tar/decompress.ts';
import { readTar } from '../../tar/read-tar.ts';
import type { ArchiveBlob, ReadLayer } from './archive-contents.ts';

/** Reads a layer's uncompressed tar to its end; `onBytes` sees all of it as it passes. */
export async function readLayerTar(
  tar: AsyncIterable<Uint8Array>,
  what: string,
  options: LongOptions & { readonly onBytes?: (bytes: Uint8Array) => Promise<void> },
): Promise<Omit<ReadLayer, 'toc'> & { finishToc(blocks: BlockMap | undefined): ReadLayer }> {
  const diff = createDigester();
  let unpackedBytes = 0;
  async function* pass(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of tar) {
      diff.update(bytes);
      unpackedBytes += bytes.length;
      await options.onBytes?.(bytes);
      yield bytes;
    }
  }
  const collector = createTocCollector();
  for await (const { entry, content, contentOffset } of readTar(pass(), { what, signal: options.signal })) {
    collector.add(entry, contentOffset, entry.type === 'file' ? await digestContent(content) : undefined);
  }
  const diffId = diff.digest();
  return {
    diffId,
    finishToc: (blocks) => ({ diffId, toc: collector.finish({ diffId, unpackedBytes, blocks }) }),
  };
}

async function digestContent(content: AsyncIterable<Uint8Array>): Promise<Digest> {
  const digester = createDigester();
  for await (const bytes of content) digester.update(bytes);
  return digester.digest();
}

/**
 * Takes a layer of a legacy docker-archive, a bare tar (or a compressed one): compressed by us as it comes, so that
 * the same layer has the same digest whichever archive brought it.
 */
export async function takeLegacyLayer(
  store: Store,
  content: AsyncIterable<Uint8Array>,
  what: string,
  options: LongOptions,
): Promise<ArchiveBlob> {
  const ingest = await store.blobs.ingest(options);
  try {
    const blob = createDigester();
    const compressor = createBlockCompressor({
      compression: 'gzip',
      signal: options.signal,
      sink: (bytes) => {
        blob.update(bytes);
        return ingest.write(bytes);
      },
    });
    const tar = decompress(content, options);
    const read = await readLayerTar(tar, what, { ...options, onBytes: (bytes) => compressor.write(bytes) });
    const { blocks, sizeBytes } = await compressor.end();
    const layer = read.finishToc({ ...blocks, compression: 'gzip' });
    return { digest: blob.digest(), sizeBytes, ingest, layer };
  } catch (error) {
    await ingest.abort();
    throw error;
  }
}
