import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError } from '../../contract/errors.ts';
import type { ImagePart, ImageRow } from '../../contract/images-api.ts';
import type { Digest, Platform } from '../../contract/oci-types.ts';
import { getLayerRecord } from '../filetree/layer-record.ts';
import { hostPlatform, isSamePlatform } from '../oci/platform.ts';
import { familiarReference, familiarRepository, parseReference } from '../oci/reference.ts';
import type { Store, TagRow } from '../store/store.ts';
import { imageParts } from './image-parts.ts';
import { imageReferrers } from './image-referrers.ts';
import type { Image } from './image.ts';
import { openImage } from './open-image.ts';
import { bytesInRegistry } from '../oci/manifest.ts';

type ListParams = Parameters<EngineApi['images']['list']>[0];

/** See the contract's `images.list`: tags by name, then (if asked for) images that no tag names, newest first. */
export async function imageRows(store: Store, params: ListParams): Promise<ImageRow[]> {
  const tags = store.tags.list();
  const tagged = new Set(tags.map(({ digest }) => digest));
  const rows: ImageRow[] = [];
  for (const tag of withoutTwins(tags)) {
    if (matches(tag, params.repository)) rows.push(await tagRow(store, tag));
  }
  if (params.untagged !== true || params.repository !== undefined) return rows;
  for (const record of store.images.list().toReversed()) {
    if (!tagged.has(record.digest)) rows.push(await describe(store, record.digest));
  }
  return rows;
}

/** A name by digest says nothing more where a tag of its repository names the same image. */
function withoutTwins(tags: readonly TagRow[]): readonly TagRow[] {
  const keyOf = ({ name, digest }: TagRow): string => `${familiarRepository(parseReference(name))}@${digest}`;
  const isByDigest = ({ name }: TagRow): boolean => name.includes('@');
  const byTag = new Set(tags.filter((row) => !isByDigest(row)).map(keyOf));
  return tags.filter((row) => !isByDigest(row) || !byTag.has(keyOf(row)));
}

/** A repository as people write it, with or without a tag. */
function matches({ name }: TagRow, wanted: string | undefined): boolean {
  if (wanted === undefined) return true;
  const [own, asked] = [parseReference(name), parseReference(wanted)];
  const isSame = own.registry === asked.registry && own.repository === asked.repository;
  const hasTag = wanted.lastIndexOf(':') > wanted.lastIndexOf('/');
  return isSame && (!hasTag || own.tag === asked.tag);
}

async function tagRow(store: Store, { name, digest, taggedAt }: TagRow): Promise<ImageRow> {
  const reference = parseReference(name);
  return {
    name: familiarReference(reference),
    repository: familiarRepository(reference),
    ...(reference.tag === undefined ? {} : { tag: reference.tag }),
    ...(await describe(store, digest)),
    taggedAt,
  };
}

/** What a list shows of an image; one that cannot be opened is shown with what is known, so that it can be removed. */
async function describe(store: Store, digest: Digest): Promise<ImageRow> {
  const record = store.images.get(digest);
  try {
    const parts = await imageParts(store, digest);
    const image = await openShown(store, digest, parts);
    const platforms = parts.length === 0 ? [image.platform] : platformsOf(parts);
    return {
      digest,
      imageId: image.imageId,
      platforms,
      parts,
      referrers: await imageReferrers(store, digest, parts),
      ...sizesOf(store, image),
      ...createdAt(image),
    };
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    return {
      digest,
      imageId: digest,
      platforms: [],
      parts: [],
      referrers: [],
      sizeBytes: record?.sizeBytes ?? 0,
    };
  }
}

/** This machine's image; of an index that has none for it, the first that is here. */
async function openShown(store: Store, digest: Digest, parts: readonly ImagePart[]): Promise<Image> {
  const images = parts.filter(({ kind, isHere }) => kind === 'image' && isHere);
  const isOwn = ({ platform }: ImagePart) =>
    platform !== undefined && isSamePlatform(platform, hostPlatform());
  const other = images.some(isOwn) ? undefined : images[0];
  return openImage(store, other?.digest ?? digest);
}

function platformsOf(parts: readonly ImagePart[]): Platform[] {
  return parts.flatMap(({ isHere, platform }) => (isHere && platform !== undefined ? [platform] : []));
}

function createdAt({ config }: Image): { createdAt?: string } {
  return config.created == null ? {} : { createdAt: config.created };
}

/** Compressed layers (each blob once), config and manifest; and the unpacked layers where all are known. */
export function sizesOf(
  store: Store,
  { descriptor, manifest, layers }: Image,
): { readonly sizeBytes: number; readonly unpackedBytes?: number } {
  const sizeBytes = bytesInRegistry(manifest, descriptor.size);
  const unpacked = layers.map((layer) => getLayerRecord(store, layer.descriptor.digest)?.unpackedBytes);
  if (unpacked.includes(undefined)) return { sizeBytes };
  return { sizeBytes, unpackedBytes: unpacked.reduce((sum: number, bytes) => sum + (bytes ?? 0), 0) };
}
