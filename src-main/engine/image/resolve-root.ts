import type { Digest } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isDigest } from '../oci/digest.ts';
import { parseReference, type Reference } from '../oci/reference.ts';
import type { LongOptions } from '../store/blob-store.ts';
import type { Store } from '../store/store.ts';
import { descriptorOfRecord, findTag, resolveImage } from './resolve-image.ts';

/** What a name points at, and the name when it was one. */
export interface ResolvedRoot {
  readonly descriptor: Descriptor;
  readonly name?: Reference;
}

/**
 * The manifest or image index that `ref` names, without opening it: an index need not have an image for this machine.
 * Names and errors are those of `resolveImage`.
 */
export async function resolveRoot(
  store: Store,
  ref: string,
  options: LongOptions = {},
): Promise<ResolvedRoot> {
  const name = isDigest(ref) || isPrefix(ref) ? undefined : parseReference(ref);
  const digest = isDigest(ref) ? ref : name === undefined ? undefined : digestOfName(store, name);
  const record = digest === undefined ? undefined : store.images.get(digest);
  if (record === undefined) {
    const { descriptor, name: found } = await resolveImage(store, ref, options);
    return found === undefined ? { descriptor } : { descriptor, name: found };
  }
  const descriptor = descriptorOfRecord(record);
  return name === undefined ? { descriptor } : { descriptor, name };
}

/** May be the beginning of a digest, which `resolveImage` tells from a tag. */
function isPrefix(ref: string): boolean {
  return /^(?:sha256:)?[0-9a-f]{4,64}$/.test(ref);
}

function digestOfName(store: Store, name: Reference): Digest | undefined {
  return name.tag === undefined ? name.digest : findTag(store, name);
}
