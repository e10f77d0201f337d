import { hash } from 'node:crypto';
import { cancelled, EngineError } from '../../contract/errors.ts';
import { createDigester, type Digester } from '../oci/digest.ts';
import { layerMediaType, type Compression } from '../oci/media-types.ts';
import { descriptorOf, type Ingest } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { createBlockCompressor, WRITTEN, type BlockCompressor } from '../tar/compress-blocks.ts';
import { encodeTarEntry, TAR_END, tarPadding } from '../tar/encode-tar-entry.ts';
import { MAX_BLOCK_BYTES } from '../tar/find-block-end.ts';
import type { TarEntry } from '../tar/tar-entry.ts';
import { openBlockReuse, type LayerBlocks } from './layer-blocks.ts';
import { putLayerRecord } from './layer-record.ts';
import type { EntryContent, FillEntry, LayerWriter, OpenLayerWriter, StoredLayer } from './layer-writer.ts';
import { createTocCollector } from './toc-collector.ts';
import { putTocRecord } from './toc-record.ts';

export const openLayerWriter: OpenLayerWriter = async (store, { signal, compression, place }) => {
  const ingest = await store.blobs.ingest({ signal });
  const diffId = createDigester();
  const reuse =
    place === undefined || compression === 'none' ? undefined : openBlockReuse(store, place, compression);
  const compressor = createBlockCompressor({
    compression,
    sink: (bytes) => ingest.write(bytes),
    onBlock: (bytes) => diffId.update(bytes),
    reuse,
    signal,
  });
  return new TarLayerWriter({ store, ingest, compressor, compression, diffId, reuse, signal });
};

interface Parts {
  readonly store: Store;
  readonly ingest: Ingest;
  readonly compressor: BlockCompressor;
  readonly compression: Compression;
  /** Of all that went into the compressor. */
  readonly diffId: Digester;
  readonly reuse: LayerBlocks | undefined;
  readonly signal: AbortSignal | undefined;
}

class TarLayerWriter implements LayerWriter {
  readonly #parts: Parts;
  readonly #toc = createTocCollector();
  #spare: Buffer | undefined;
  /** Uncompressed bytes so far. */
  #bytes = 0;
  #entries = 0;
  #isEnded = false;

  constructor(parts: Parts) {
    this.#parts = parts;
  }

  get progress(): { readonly entries: number; readonly bytes: number } {
    return { entries: this.#entries, bytes: this.#bytes };
  }

  /** Makes no promise of its own for what fits a block: there may be hundreds of thousands of small files. */
  add(entry: TarEntry, content: EntryContent | FillEntry = EMPTY): Promise<void> {
    if (this.#isEnded) throw new EngineError('INTERNAL', `${entry.path} was added to a layer that has ended`);
    if (this.#parts.signal?.aborted === true) throw cancelled('writing a layer');
    const header = encodeTarEntry(entry);
    this.#entries += 1;
    if (entry.type !== 'file') {
      this.#toc.add(entry, this.#bytes + header.length, undefined);
      return this.#write(header);
    }
    if (typeof content === 'function') return this.#addFilled(entry, header, content);
    return this.#addContent(entry, header, content);
  }

  #addContent(entry: TarEntry, header: Uint8Array, content: EntryContent): Promise<void> {
    return content instanceof Uint8Array
      ? this.#addBytes(entry, header, content)
      : this.#addStream(entry, header, content);
  }

  #addBytes(entry: TarEntry, header: Uint8Array, content: Uint8Array): Promise<void> {
    this.#note(entry, header, content);
    return this.#writeAll([header, content, tarPadding(content.length)], 0);
  }

  #note(entry: TarEntry, header: Uint8Array, content: Uint8Array): void {
    if (content.length !== entry.sizeBytes) throw changedWhileRead(entry, content.length);
    this.#toc.add(entry, this.#bytes + header.length, `sha256:${hash('sha256', content, 'hex')}`);
  }

  /** Has the bytes put where they are compressed, if they fit there whole. */
  #addFilled(entry: TarEntry, header: Uint8Array, fill: FillEntry): Promise<void> {
    const { compressor } = this.#parts;
    const padding = tarPadding(entry.sizeBytes);
    const place = compressor.placeFor(header.length, entry.sizeBytes, padding.length);
    const content = fill(place ?? this.#spareFor(entry.sizeBytes));
    if (content !== place) return this.#addContent(entry, header, content);
    this.#note(entry, header, place);
    this.#bytes += header.length + place.length + padding.length;
    return compressor.writeAround(header, place, padding);
  }

  /** Used again by the next entry, which comes only when this one is written; a large file comes in pieces of it. */
  #spareFor(sizeBytes: number): Uint8Array {
    this.#spare ??= Buffer.allocUnsafeSlow(MAX_BLOCK_BYTES);
    return this.#spare.subarray(0, sizeBytes);
  }

  async #addStream(entry: TarEntry, header: Uint8Array, content: AsyncIterable<Uint8Array>): Promise<void> {
    const contentOffset = this.#bytes + header.length;
    const digester = createDigester();
    await this.#write(header);
    let size = 0;
    for await (const bytes of content) {
      size += bytes.length;
      if (size > entry.sizeBytes) throw changedWhileRead(entry, size);
      digester.update(bytes);
      await this.#write(bytes);
    }
    if (size !== entry.sizeBytes) throw changedWhileRead(entry, size);
    this.#toc.add(entry, contentOffset, digester.digest());
    await this.#write(tarPadding(size));
  }

  /** Writes the pieces from `from` on; goes on later only where a write has to wait. */
  #writeAll(pieces: readonly Uint8Array[], from: number): Promise<void> {
    for (let i = from; i < pieces.length; i++) {
      const writing = this.#write(pieces[i]!);
      if (writing !== WRITTEN) return writing.then(() => this.#writeAll(pieces, i + 1));
    }
    return WRITTEN;
  }

  #write(bytes: Uint8Array): Promise<void> {
    this.#bytes += bytes.length;
    return this.#parts.compressor.write(bytes);
  }

  async commit(): Promise<StoredLayer> {
    if (this.#isEnded) throw new EngineError('INTERNAL', 'a layer was ended twice');
    this.#isEnded = true;
    const { store, compressor, ingest, compression } = this.#parts;
    try {
      await this.#write(TAR_END);
      const { blocks } = await compressor.end();
      const descriptor = descriptorOf(layerMediaType(compression), await ingest.commit());
      return await this.#record(store, descriptor, { ...blocks, compression });
    } finally {
      await ingest.abort();
    }
  }

  async #record(
    store: Store,
    descriptor: StoredLayer['descriptor'],
    blocks: NonNullable<StoredLayer['toc']['blocks']>,
  ): Promise<StoredLayer> {
    const diffId = this.#parts.diffId.digest();
    const toc = this.#toc.finish({ diffId, unpackedBytes: this.#bytes, blocks });
    await putTocRecord(store, toc);
    putLayerRecord(store, descriptor.digest, { diffId, unpackedBytes: this.#bytes, blocks });
    this.#parts.reuse?.save(descriptor.digest);
    return { descriptor, diffId, toc };
  }

  async abort(): Promise<void> {
    this.#isEnded = true;
    await this.#parts.ingest.abort();
  }
}

const EMPTY: Uint8Array = new Uint8Array(0);

function changedWhileRead(entry: TarEntry, sizeBytes: number): EngineError {
  return new EngineError(
    'INVALID_INPUT',
    `${entry.path} changed while it was read: ${sizeBytes} bytes and not ${entry.sizeBytes}`,
    { hint: 'Run it again when nothing writes to this file any more.' },
  );
}
