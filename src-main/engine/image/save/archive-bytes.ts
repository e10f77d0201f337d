import type { ArchiveFormat } from '../../../contract/images-api.ts';
import type { Digest, TransferProgress } from '../../../contract/oci-types.ts';
import { isIndexType } from '../../oci/media-types.ts';
import { formatPlatform } from '../../oci/platform.ts';
import { formatReference, type Reference } from '../../oci/reference.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { TAR_END } from '../../tar/encode-tar-entry.ts';
import type { Image } from '../image.ts';
import { imageParts } from '../image-parts.ts';
import { imageReferrers } from '../image-referrers.ts';
import { resolveImage } from '../resolve-image.ts';
import {
  encodeArchiveIndex,
  encodeDockerManifest,
  encodeRepositories,
  OCI_LAYOUT,
  type SavedImage,
} from './archive-index.ts';
import { collectBlobs } from './archive-parts.ts';
import { blobMembers, documentMember, layoutFolders } from './layout-members.ts';

export type SaveOptions = LongOptions & {
  readonly format: ArchiveFormat;
  /** Names that images given by digest have in the archive: those that a build is about to move. */
  readonly names?: readonly Reference[] | undefined;
  /** Told of what an archive leaves out. */
  readonly onNote?: ((text: string) => void) | undefined;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
};

/**
 * An archive of these images as bytes: an OCI layout in a tar, for `docker` with manifest.json and repositories
 * beside it, so that every client reads it and the digests stay. The same images give the same bytes. Every blob is
 * verified as it is read (CORRUPT). Of an image index a docker archive has this machine's image, and an OCI archive all
 * that is here.
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
  yield* layoutFolders(blobs.keys());
  yield* blobMembers(store, blobs, options);
  yield* documentMembers(images, options.format);
  yield TAR_END;
}

/** Each image once for each of its tags that was asked for. */
async function openAll(
  store: Store,
  refs: readonly string[],
  options: LongOptions & Pick<SaveOptions, 'names' | 'format' | 'onNote'>,
): Promise<readonly SavedImage[]> {
  const images = new Map<string, SavedImage>();
  for (const ref of refs) {
    const { image, descriptor: named, name } = await resolveImage(store, ref, options);
    const isPart = options.format === 'docker' && isIndexType(named.mediaType);
    const descriptor = isPart ? image.descriptor : named;
    const note = isPart ? partNote(ref, image) : await missingNote(store, ref, named.digest);
    if (note !== undefined) options.onNote?.(note);
    const kept = await referrersNote(store, ref, descriptor.digest);
    if (kept !== undefined) options.onNote?.(kept);
    const own = name?.tag === undefined ? undefined : { ...name, digest: undefined };
    const names = options.names ?? [];
    for (const tag of own === undefined && names.length > 0 ? names : [own]) {
      const key = `${descriptor.digest} ${tag === undefined ? '' : formatReference(tag)}`;
      images.set(key, { image, descriptor, tag });
    }
  }
  return [...images.values()];
}

/** Clients that read manifest.json know one image by a name. */
function partNote(ref: string, { platform }: Image): string {
  return `of ${ref} only the image for ${formatPlatform(platform)} was saved: a docker archive has no place for others, --format oci keeps the whole index`;
}

async function missingNote(store: Store, ref: string, digest: Digest): Promise<string | undefined> {
  const parts = await imageParts(store, digest);
  const missing = parts.filter(({ isHere }) => !isHere).length;
  if (missing === 0) return undefined;
  return `${missing} of the ${parts.length} manifests that the index of ${ref} names are not here and were not saved: varve pull --all-platforms brings them`;
}

/** In an archive's list of images, every client would take them for images. */
async function referrersNote(store: Store, ref: string, digest: Digest): Promise<string | undefined> {
  const count = (await imageReferrers(store, digest, await imageParts(store, digest))).length;
  if (count === 0) return undefined;
  return `${count} that refer to ${ref} (signatures, SBOMs and the like) are not in the archive: varve push takes them along`;
}

function* documentMembers(images: readonly SavedImage[], format: ArchiveFormat): Generator<Uint8Array> {
  yield* documentMember('index.json', encodeArchiveIndex(images));
  if (format === 'docker') yield* documentMember('manifest.json', encodeDockerManifest(images));
  yield* documentMember('oci-layout', OCI_LAYOUT);
  if (format === 'docker') yield* documentMember('repositories', encodeRepositories(images));
}
