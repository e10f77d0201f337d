import { EngineError } from '../../contract/errors.ts';
import type { ImagePart } from '../../contract/images-api.ts';
import type { Digest, Platform } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { digestHex, isDigest } from '../oci/digest.ts';
import { isIndexType } from '../oci/media-types.ts';
import { familiarReference, parseReference, type Reference } from '../oci/reference.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { ImageRecord, Store } from '../store/store.ts';
import { findFailedRoots } from './failed-roots.ts';
import { nearNames } from './near-names.ts';
import { imageParts } from './image-parts.ts';
import type { Image } from './image.ts';
import { openImage } from './open-image.ts';

export interface ResolvedImage {
  readonly image: Image;
  /** What the name points at: a manifest or an image index. */
  readonly descriptor: Descriptor;
  /** Absent when a digest or a prefix named the image. */
  readonly name?: Reference;
}

type Options = LongOptions & { readonly platform?: Platform | undefined };

/** Digits of a digest that are taken as a prefix: docker's short form has 12. */
const HEX_PREFIX = /^[0-9a-f]{4,64}$/;

/**
 * The image that `ref` names: `name[:tag]`, `name@digest`, a digest, or a prefix of an image ID or manifest digest
 * (a tag of that name goes first). NOT_FOUND with near names as a hint; INVALID_INPUT for an ambiguous prefix.
 */
export async function resolveImage(store: Store, ref: string, options: Options = {}): Promise<ResolvedImage> {
  if (isDigest(ref)) return resolveDigest(store, ref, ref, options);
  const prefix = ref.startsWith('sha256:') ? ref.slice('sha256:'.length) : ref;
  const isPrefix = HEX_PREFIX.test(prefix);
  if (ref.startsWith('sha256:') && isPrefix) return resolvePrefix(store, prefix, ref, options);
  const name = parseName(ref, isPrefix);
  const row = name === undefined ? undefined : findTag(store, name);
  if (name !== undefined && row !== undefined) return { ...(await resolveRecord(store, row, options)), name };
  if (isPrefix) return resolvePrefix(store, prefix, ref, options);
  if (name?.digest !== undefined && name.tag === undefined) {
    return { ...(await resolveDigest(store, name.digest, ref, options)), name };
  }
  throw notFound(store, ref);
}

/** A long prefix is not always a valid name; any other bad name is the caller's mistake. */
function parseName(ref: string, isPrefix: boolean): Reference | undefined {
  return isPrefix && ref.length === 64 ? undefined : parseReference(ref);
}

/** The digest that a tag points at; one that also states a digest must point at that. */
export function findTag(store: Store, name: Reference): Digest | undefined {
  if (name.tag === undefined) return undefined;
  const row = store.tags.get({ ...name, digest: undefined });
  return row !== undefined && (name.digest === undefined || name.digest === row.digest)
    ? row.digest
    : undefined;
}

async function resolveRecord(store: Store, digest: Digest, options: Options): Promise<ResolvedImage> {
  const record = store.images.get(digest);
  const image = await openImage(store, digest, options);
  const descriptor = record === undefined ? image.descriptor : descriptorOfRecord(record);
  return { image, descriptor };
}

export function descriptorOfRecord({ mediaType, digest, sizeBytes }: ImageRecord): Descriptor {
  return { mediaType, digest, size: sizeBytes };
}

/** By manifest or index digest, else by image ID. */
async function resolveDigest(
  store: Store,
  digest: Digest,
  ref: string,
  options: Options,
): Promise<ResolvedImage> {
  if (store.images.get(digest) !== undefined) return resolveRecord(store, digest, options);
  const [found] = await findByHex(store, digestHex(digest), options);
  if (found !== undefined) return found;
  if (findFailedRoots(store, digestHex(digest)).length > 0) return resolveRecord(store, digest, options);
  throw notFound(store, ref);
}

async function resolvePrefix(
  store: Store,
  prefix: string,
  ref: string,
  options: Options,
): Promise<ResolvedImage> {
  const found = await findByHex(store, prefix, options);
  const ids = [...new Set(found.map(({ image }) => image.imageId))];
  if (found[0] === undefined) {
    const [root, other] = findFailedRoots(store, prefix);
    if (root === undefined || other !== undefined) throw notFound(store, ref);
    return resolveRecord(store, root, options);
  }
  if (ids.length === 1) return found[0];
  throw new EngineError('INVALID_INPUT', `${ref} is the beginning of several images' digests`, {
    hint: `Write more digits: ${found.map(({ descriptor }) => descriptor.digest).join(', ')}`,
  });
}

/** Images whose manifest digest or image ID begins so; the newest of equal images first. */
async function findByHex(store: Store, hex: string, options: Options): Promise<readonly ResolvedImage[]> {
  const found: ResolvedImage[] = [];
  for (const record of store.images.list().toReversed()) {
    const image = await openForSearch(store, record.digest, options);
    const isNamed = digestHex(record.digest).startsWith(hex);
    if (image !== undefined && (isNamed || digestHex(image.imageId).startsWith(hex))) {
      found.push({ image, descriptor: descriptorOfRecord(record) });
    } else if (!isNamed && isIndexType(record.mediaType)) {
      found.push(...(await findInIndex(store, record.digest, hex, options)));
    } else if (image === undefined && isNamed) {
      found.push(await resolveRecord(store, record.digest, options));
    }
  }
  return found;
}

/** An image of an index, for whichever platform. */
async function findInIndex(
  store: Store,
  index: Digest,
  hex: string,
  options: Options,
): Promise<readonly ResolvedImage[]> {
  const found: ResolvedImage[] = [];
  for (const { kind, isHere, digest } of await partsForSearch(store, index)) {
    const image = kind === 'image' && isHere ? await openForSearch(store, digest, options) : undefined;
    const names = image === undefined ? [] : [digest, image.imageId];
    if (image !== undefined && names.some((name) => digestHex(name).startsWith(hex)))
      found.push({ image, descriptor: image.descriptor });
  }
  return found;
}

async function partsForSearch(store: Store, index: Digest): Promise<readonly ImagePart[]> {
  try {
    return await imageParts(store, index);
  } catch (error) {
    if (error instanceof EngineError) return [];
    throw error;
  }
}

/** One damaged image must not hide the others. */
async function openForSearch(store: Store, digest: Digest, options: Options): Promise<Image | undefined> {
  try {
    return await openImage(store, digest, options);
  } catch (error) {
    if (error instanceof EngineError && error.code !== 'CANCELLED') return undefined;
    throw error;
  }
}

function notFound(store: Store, ref: string): EngineError {
  const names = store.tags.list().map(({ name }) => familiarReference(parseReference(name)));
  const near = nearNames(ref, names);
  const hint =
    near.length > 0
      ? `Near: ${near.join(', ')}.`
      : names.length === 0
        ? 'The store has no tags yet: build, load or pull an image.'
        : `There are: ${names.slice(0, 5).join(', ')}${names.length > 5 ? '…' : ''}.`;
  return new EngineError('NOT_FOUND', `there is no image ${ref}`, { hint });
}
