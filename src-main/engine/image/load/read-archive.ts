import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { isDigest } from '../../oci/digest.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import type { Lease, Store } from '../../store/store.ts';
import type { ArchiveBlob, ArchiveContents } from './archive-contents.ts';
import { archiveItems, type ArchiveItem, type ItemsOptions } from './archive-items.ts';
import { takeBlob } from './take-blob.ts';
import { takeLegacyLayer } from './take-layer.ts';

/** Documents that are held in memory, all together (S8). */
const MAX_DOCUMENT_BYTES = 64 * 1024 * 1024;
/** Blobs that are kept aside, each an open file; what comes after is put at once and left to prune if loading fails. */
const MAX_ASIDE = 200;

/** Reads an archive from its beginning to its end, whatever the order of its members. `discard` what is not committed. */
export async function readArchive(
  store: Store,
  path: string,
  contents: ArchiveContents,
  lease: Lease,
  options: ItemsOptions,
): Promise<void> {
  let documentBytes = 0;
  const count = (bytes: number): void => {
    documentBytes += bytes;
    if (documentBytes <= MAX_DOCUMENT_BYTES) return;
    throw new EngineError('LIMIT_EXCEEDED', `${path} has more than 64 MiB of documents`);
  };
  for await (const item of archiveItems(path, options)) {
    const digest = blobDigest(item.path);
    if (item.type === 'link') contents.links.set(item.path, item.link);
    else if (item.type !== 'file') continue;
    else if (digest !== undefined) await addBlob(store, contents, lease, digest, item, options, count);
    else if (isLegacyLayer(item.path)) {
      contents.legacyLayers.set(item.path, await addLegacyLayer(store, contents, lease, item, options));
    } else await addFile(contents, item, count);
  }
}

/** Ends what was written aside and not committed. */
export async function discard(contents: ArchiveContents): Promise<void> {
  for (const { ingest } of [...contents.blobs.values(), ...contents.legacyLayers.values()])
    await ingest?.abort();
}

export function createContents(): ArchiveContents {
  return { blobs: new Map(), files: new Map(), legacyLayers: new Map(), links: new Map() };
}

/** `blobs/sha256/<hex>` (image-spec, image-layout.md). */
function blobDigest(path: string): Digest | undefined {
  const match = /^blobs\/(sha256|sha512)\/([0-9a-f]+)$/.exec(path);
  const digest = `${match?.[1]}:${match?.[2]}`;
  return isDigest(digest) ? digest : undefined;
}

function isLegacyLayer(path: string): boolean {
  return /\.tar(?:\.gz|\.zst)?$/.test(path);
}

async function addBlob(
  store: Store,
  contents: ArchiveContents,
  lease: Lease,
  digest: Digest,
  item: ArchiveItem,
  options: ItemsOptions,
  count: (bytes: number) => void,
): Promise<void> {
  if (contents.blobs.has(digest)) return;
  lease.add([digest]);
  const blob = await takeBlob(store, digest, item, options);
  contents.blobs.set(digest, blob);
  count(blob.document?.length ?? 0);
  contents.blobs.set(digest, await keepFewAside(contents, blob));
}

async function addLegacyLayer(
  store: Store,
  contents: ArchiveContents,
  lease: Lease,
  item: ArchiveItem,
  options: ItemsOptions,
): Promise<ArchiveBlob> {
  const blob = await takeLegacyLayer(store, item.content, item.path, options);
  lease.add([blob.digest]);
  contents.legacyLayers.set(item.path, blob);
  return keepFewAside(contents, blob);
}

async function keepFewAside(contents: ArchiveContents, blob: ArchiveBlob): Promise<ArchiveBlob> {
  const { ingest, digest, sizeBytes } = blob;
  if (ingest === undefined || contents.blobs.size + contents.legacyLayers.size <= MAX_ASIDE) return blob;
  await ingest.commit({ digest, sizeBytes });
  return { ...blob, ingest: undefined };
}

/** Everything else that may matter is a small document; what is large does not matter. */
async function addFile(
  contents: ArchiveContents,
  item: ArchiveItem,
  count: (bytes: number) => void,
): Promise<void> {
  if (!/(?:^|\/)(?:index|manifest|[0-9a-f]{64})\.json$|^repositories$|^oci-layout$/.test(item.path)) return;
  if (item.sizeBytes > DOCUMENT_LIMIT_BYTES) {
    throw new EngineError('LIMIT_EXCEEDED', `${item.path} in the archive has more than 4 MiB`);
  }
  const pieces: Buffer[] = [];
  for await (const bytes of item.content) pieces.push(Buffer.from(bytes));
  count(item.sizeBytes);
  contents.files.set(item.path, Buffer.concat(pieces));
}
