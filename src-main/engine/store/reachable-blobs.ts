import type { Digest } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { isIndexType } from '../oci/media-types.ts';
import type { Documents, Root } from './documents.ts';
import type { Referrers } from './store.ts';
import { MAX_INDEX_DEPTH } from '../oci/image-index.ts';

/**
 * Everything that these blobs need, themselves included, whether or not it is in the store; and what is kept with a
 * manifest or index because it refers to it, with what that needs.
 */
export function reachableBlobs(
  { documents, referrers }: { readonly documents: Documents; readonly referrers: Pick<Referrers, 'of'> },
  roots: Iterable<Root>,
): Set<Digest> {
  const found = new Set<Digest>();
  const read = new Set<string>();
  const visit = (root: Root, depth: number): void => {
    found.add(root.digest);
    const key = `${root.digest} ${root.mediaType ?? ''}`;
    if (depth > MAX_INDEX_DEPTH || read.has(key)) return;
    read.add(key);
    const { kind, descriptors } = documents.referencesOf(root);
    for (const child of descriptors) visit(toRoot(child), depth + 1);
    if (kind === 'index' || kind === 'manifest')
      for (const referrer of referrers.of(root.digest)) visit(referrer, 0);
  };
  for (const root of roots) visit(root, 0);
  return found;
}

function toRoot(descriptor: Descriptor): Root {
  return { digest: descriptor.digest, mediaType: descriptor.mediaType };
}

/**
 * The blobs without which an image does not work: every manifest that is there with its config and layers. Manifests
 * of an index that were never fetched (other platforms) are left out, and layers that live elsewhere by their `urls`.
 */
export function requiredBlobs(
  documents: Documents,
  root: Root,
  isPresent: (digest: Digest) => boolean,
): Set<Digest> {
  const required = new Set<Digest>();
  const visit = (node: Root, depth: number): void => {
    if (required.has(node.digest) || depth > MAX_INDEX_DEPTH) return;
    required.add(node.digest);
    const { kind, descriptors } = documents.referencesOf(node);
    const needed = kind === 'index' ? fetched(descriptors, isPresent) : descriptors.filter(isStored);
    for (const descriptor of needed) visit(toRoot(descriptor), depth + 1);
  };
  visit(root, 0);
  return required;
}

/** The manifests of an index that are here; all of them when none is, for then it is no image of any platform. */
function fetched(
  descriptors: readonly Descriptor[],
  isPresent: (digest: Digest) => boolean,
): readonly Descriptor[] {
  const present = descriptors.filter((descriptor) => isPresent(descriptor.digest));
  return present.length > 0 ? present : descriptors.filter((it) => !isIndexType(it.mediaType));
}

function isStored(descriptor: Descriptor): boolean {
  return (descriptor.urls ?? []).length === 0;
}
