import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { contentDigest } from '../../filetree/content-digest.ts';
import { createTocCollector } from '../../filetree/toc-collector.ts';
import type { PlainToc } from '../../filetree/toc-codec.ts';
import type { TocEntry } from '../../filetree/toc.ts';
import { createDigester } from '../../oci/digest.ts';
import { GZIP_HEADER } from '../../tar/compress-blocks.ts';
import { decompress, detectCompression } from '../../tar/decompress.ts';
import { readTar } from '../../tar/read-tar.ts';
import { paddingLength } from '../../tar/tar-format.ts';
import { BlockSource } from './block-source.ts';
import { CountedBlob, type CountOptions } from './counted-blob.ts';
import { PlainSource } from './plain-source.ts';
import type { RemoteBlob } from './remote-blob.ts';
import type { SkippingSource } from './skipping-source.ts';

/** The entries of a layer that was read at its registry. */
export interface RemoteLayer {
  readonly entries: readonly TocEntry[];
  /** Present when every byte was read, and was what the digest says. */
  readonly toc: PlainToc | undefined;
  /** What the transfer took. */
  readonly fetchedBytes: number;
}

/** As for layers that are here (S8, S9). */
const MAX_ENTRIES = 3_000_000;
const MAX_UNPACKED_BYTES = 64 * 1024 ** 3;

/**
 * Reads which files a layer has, passing over their contents where the layer's form and the registry allow: then
 * nothing is proved. A layer that comes whole is hashed; CORRUPT when it is not what its digest says.
 */
export async function readRemoteLayer(remote: RemoteBlob, options: CountOptions): Promise<RemoteLayer> {
  const blob = new CountedBlob(remote, options);
  const source = await openSource(blob, options);
  const diffId = createDigester();
  const collector = createTocCollector();
  const entries: TocEntry[] = [];
  let unpackedBytes = 0;
  async function* counted(): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const bytes of source) {
      diffId.update(bytes);
      unpackedBytes += bytes.length;
      if (unpackedBytes > MAX_UNPACKED_BYTES) throw tooLarge(remote.digest);
      yield bytes;
    }
  }
  const { signal } = options;
  const what = `layer ${remote.digest}`;
  for await (const item of readTar(counted(), { signal, what, maxEntries: MAX_ENTRIES })) {
    const { entry, contentOffset } = item;
    const end = contentOffset + entry.sizeBytes;
    const isSkipped = await source.skip(contentOffset, end + paddingLength(entry.sizeBytes));
    const digest = isSkipped ? undefined : await contentDigest(item);
    collector.add(entry, contentOffset, digest);
    entries.push({ ...entry, contentOffset, contentDigest: digest });
  }
  const { fetchedBytes } = blob;
  if (!blob.isWhole) return { entries, toc: undefined, fetchedBytes };
  if (!blob.isProved) throw notItself(remote.digest);
  const { blocks: _, ...toc } = collector.finish({
    diffId: diffId.digest(),
    unpackedBytes,
    blocks: undefined,
  });
  return { entries, toc, fetchedBytes };
}

/** By the first bytes: what the media type says of the compression is often wrong, and never needed. */
async function openSource(blob: CountedBlob, options: CountOptions): Promise<SkippingSource> {
  const bytes = await blob.open();
  const head = await readHead(bytes, GZIP_HEADER.length);
  if (GZIP_HEADER.every((byte, at) => head[at] === byte)) {
    const rest = withHead(head.subarray(GZIP_HEADER.length), bytes);
    return new BlockSource(blob, rest, GZIP_HEADER.length);
  }
  const all = withHead(head, bytes);
  if (detectCompression(head) === 'none') return new PlainSource(blob, all);
  const plain = decompress(all, { signal: options.signal, limitBytes: MAX_UNPACKED_BYTES });
  return { skip: () => Promise.resolve(false), [Symbol.asyncIterator]: () => plain };
}

async function readHead(bytes: AsyncIterator<Uint8Array>, atLeast: number): Promise<Buffer> {
  const pieces: Uint8Array[] = [];
  for (let length = 0; length < atLeast;) {
    const next = await bytes.next();
    if (next.done === true) break;
    pieces.push(next.value);
    length += next.value.length;
  }
  return Buffer.concat(pieces);
}

async function* withHead(
  head: Uint8Array,
  bytes: AsyncIterator<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    if (head.length > 0) yield head;
    for (let next = await bytes.next(); next.done !== true; next = await bytes.next()) yield next.value;
  } finally {
    await bytes.return?.();
  }
}

function tooLarge(digest: Digest): EngineError {
  return new EngineError(
    'LIMIT_EXCEEDED',
    `layer ${digest} unpacks to more than ${MAX_UNPACKED_BYTES} bytes`,
  );
}

function notItself(digest: Digest): EngineError {
  return new EngineError('CORRUPT', `the registry sent other bytes than those of layer ${digest}`);
}
