import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { createDigester, digestAlgorithm } from '../../oci/digest.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { decompress } from '../../tar/decompress.ts';
import type { ArchiveBlob, ReadLayer } from './archive-contents.ts';
import type { ArchiveItem } from './archive-items.ts';
import { readLayerTar } from './take-layer.ts';

/**
 * Takes a blob of an archive: written aside and hashed as it comes, and read as a layer on the way if it can be one.
 * CORRUPT when its bytes are not those of its name.
 */
export async function takeBlob(
  store: Store,
  digest: Digest,
  item: ArchiveItem,
  options: LongOptions,
): Promise<ArchiveBlob> {
  if (await store.blobs.has(digest)) return { digest, sizeBytes: await store.blobs.sizeOf(digest) };
  const ingest = await store.blobs.ingest(options);
  try {
    const source = passOn(item, digest, (bytes) => ingest.write(bytes));
    const isDocument = item.sizeBytes <= DOCUMENT_LIMIT_BYTES && (await source.startsWith('{'));
    const blob = isDocument
      ? { document: await source.collect() }
      : await readAsLayer(source.rest(), digest, options);
    await source.finish();
    return { digest, sizeBytes: item.sizeBytes, ingest, ...blob };
  } catch (error) {
    await ingest.abort();
    throw error;
  }
}

/** Whatever is wrong with it as a layer matters only if an image calls it one. */
async function readAsLayer(
  bytes: AsyncIterable<Uint8Array>,
  digest: Digest,
  options: LongOptions,
): Promise<{ readonly layer: ReadLayer } | { readonly failure: unknown }> {
  try {
    const read = await readLayerTar(decompress(bytes, options), `layer ${digest}`, options);
    return { layer: read.finishToc(undefined) };
  } catch (failure) {
    if (!(failure instanceof EngineError) || !LAYER_FAILURES.has(failure.code)) throw failure;
    return { failure };
  }
}

const LAYER_FAILURES: ReadonlySet<string> = new Set(['CORRUPT', 'LIMIT_EXCEEDED', 'UNSUPPORTED']);

/** The item's bytes, each written and hashed exactly once, however much of them the reader wants. */
interface PassedOn {
  startsWith(text: string): Promise<boolean>;
  collect(): Promise<Uint8Array>;
  rest(): AsyncIterable<Uint8Array>;
  /** Passes what no one read, then checks the digest. */
  finish(): Promise<void>;
}

function passOn(item: ArchiveItem, digest: Digest, write: (bytes: Uint8Array) => Promise<void>): PassedOn {
  const source = item.content[Symbol.asyncIterator]();
  const digester = createDigester(digestAlgorithm(digest));
  let first: Uint8Array | undefined;
  const next = async (): Promise<Uint8Array | undefined> => {
    const result = await source.next();
    if (result.done === true) return undefined;
    digester.update(result.value);
    await write(result.value);
    return result.value;
  };
  /** Has no `return`: a reader that gives up early leaves the rest to `finish`. */
  const iterator: AsyncIterator<Uint8Array> = {
    async next() {
      const value = first ?? (await next());
      first = undefined;
      return value === undefined ? { done: true, value } : { done: false, value };
    },
  };
  const rest = (): AsyncIterable<Uint8Array> => ({ [Symbol.asyncIterator]: () => iterator });
  return {
    startsWith: async (text) => {
      first = await next();
      return first?.[0] === text.charCodeAt(0);
    },
    collect: async () => {
      const pieces: Buffer[] = [];
      for await (const bytes of rest()) pieces.push(Buffer.from(bytes));
      return Buffer.concat(pieces);
    },
    rest,
    finish: async () => {
      while ((await next()) !== undefined);
      const actual = digester.digest();
      if (actual === digest) return;
      throw new EngineError(
        'CORRUPT',
        `${item.path} in the archive is not what its name says: it is ${actual}`,
      );
    },
  };
}
