import type { ArchiveFormat } from '../../../contract/images-api.ts';
import type { Digest, TransferProgress } from '../../../contract/oci-types.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { encodeTarEntry, TAR_END, tarPadding } from '../../tar/encode-tar-entry.ts';
import { createTarEntry } from '../../tar/tar-entry.ts';
import { resolveImage } from '../resolve-image.ts';
import {
  blobPath,
  encodeArchiveIndex,
  encodeDockerManifest,
  encodeRepositories,
  OCI_LAYOUT,
  type SavedImage,
} from './archive-index.ts';
import { collectBlobs } from './archive-parts.ts';

export type SaveOptions = LongOptions & {
  readonly format: ArchiveFormat;
  /** Names that images given by digest have in the archive: those that a build is about to move. */
  readonly names?: readonly Reference[] | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

/**
 * An archive of these images as bytes: an OCI layout in a tar, for `docker` with manifest.json and repositories
 * beside it, so that every client reads it and the digests stay. The same images give the same bytes. Every blob is
 * verified as it is read (CORRUPT).
 */
export async function* archiveBytes(
  store: Store,
  refs: readonly string[],
  options: SaveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  await using lease = store.lease('save');
  const images = await openAll(store, refs, options);
  const blobs = new Map<Digest, number>();
  for (const { descriptor } of images) await collectBlobs(store, descriptor, options, blobs);
  lease.add([...blobs.keys()]);
  yield* folders(blobs);
  yield* blobMembers(store, blobs, options);
  yield* documentMembers(images, options.format);
  yield TAR_END;
}

/** Each image once for each of its tags that was asked for. */
async function openAll(
  store: Store,
  refs: readonly string[],
  options: LongOptions & Pick<SaveOptions, 'names'>,
): Promise<readonly SavedImage[]> {
  const images = new Map<string, SavedImage>();
  for (const ref of refs) {
    const { image, descriptor, name } = await resolveImage(store, ref, options);
    const own = name?.tag === undefined ? undefined : { ...name, digest: undefined };
    const names = options.names ?? [];
    for (const tag of own === undefined && names.length > 0 ? names : [own]) {
      const key = `${descriptor.digest} ${tag === undefined ? '' : formatReference(tag)}`;
      images.set(key, { image, descriptor, tag });
    }
  }
  return [...images.values()];
}

function* folders(blobs: ReadonlyMap<Digest, number>): Generator<Uint8Array> {
  const algorithms = new Set([...blobs.keys()].map((digest) => digest.slice(0, digest.indexOf(':'))));
  for (const path of ['blobs', ...[...algorithms].sort().map((name) => `blobs/${name}`)]) {
    yield encodeTarEntry(createTarEntry({ path, type: 'directory' }));
  }
}

async function* blobMembers(
  store: Store,
  blobs: ReadonlyMap<Digest, number>,
  { signal, onProgress }: SaveOptions,
): AsyncGenerator<Uint8Array, void, undefined> {
  const totalBytes = [...blobs.values()].reduce((sum, size) => sum + size, 0);
  let bytes = 0;
  for (const [digest, sizeBytes] of [...blobs].sort(([a], [b]) => (a < b ? -1 : 1))) {
    yield encodeTarEntry(createTarEntry({ path: blobPath(digest), type: 'file', mode: 0o444, sizeBytes }));
    for await (const chunk of store.blobs.open(digest, { signal, verify: true })) {
      bytes += chunk.length;
      onProgress?.({ what: 'save', bytes, totalBytes });
      yield chunk;
    }
    yield tarPadding(sizeBytes);
  }
}

function* documentMembers(images: readonly SavedImage[], format: ArchiveFormat): Generator<Uint8Array> {
  yield* member('index.json', encodeArchiveIndex(images));
  if (format === 'docker') yield* member('manifest.json', encodeDockerManifest(images));
  yield* member('oci-layout', OCI_LAYOUT);
  if (format === 'docker') yield* member('repositories', encodeRepositories(images));
}

function* member(path: string, bytes: Uint8Array): Generator<Uint8Array> {
  yield encodeTarEntry(createTarEntry({ path, type: 'file', sizeBytes: bytes.length }));
  yield bytes;
  yield tarPadding(bytes.length);
}
