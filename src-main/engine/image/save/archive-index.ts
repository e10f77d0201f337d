import { digestHex } from '../../oci/digest.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import { MEDIA_TYPES } from '../../oci/media-types.ts';
import {
  familiarReference,
  familiarRepository,
  formatReference,
  type Reference,
} from '../../oci/reference.ts';
import { canonicalJson, sortMembers } from '../canonical-json.ts';
import { orderDescriptor } from '../encode-documents.ts';
import type { ResolvedImage } from '../resolve-image.ts';

/** The path of a blob in an OCI layout. */
export function blobPath(digest: Digest): string {
  return `blobs/${digest.slice(0, digest.indexOf(':'))}/${digestHex(digest)}`;
}

/** An image to save with the tag that it was asked for by, if any. */
export type SavedImage = Pick<ResolvedImage, 'image' | 'descriptor'> & {
  readonly tag: Reference | undefined;
};

export const OCI_LAYOUT: Uint8Array = canonicalJson({ imageLayoutVersion: '1.0.0' });

/** index.json with names as containerd and buildx write them: the full one, and the tag as the ref name. */
export function encodeArchiveIndex(images: readonly SavedImage[]): Uint8Array {
  const manifests = images.map(({ descriptor, tag }) => {
    const { mediaType, digest, size } = descriptor;
    return orderDescriptor({
      mediaType,
      digest,
      size,
      ...(tag === undefined ? {} : { annotations: names(tag) }),
    });
  });
  return canonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests });
}

function names(tag: Reference): Record<string, string> {
  return {
    'io.containerd.image.name': formatReference(tag),
    'org.opencontainers.image.ref.name': tag.tag ?? '',
  };
}

/** manifest.json, by which `docker load` of every version finds config, layers and tags. */
export function encodeDockerManifest(images: readonly SavedImage[]): Uint8Array {
  const entries = new Map<Digest, { Config: string; RepoTags: string[]; Layers: string[] }>();
  for (const { image, tag } of images) {
    const entry = entries.get(image.imageId) ?? {
      Config: blobPath(image.imageId),
      RepoTags: [],
      Layers: image.layers.map(({ descriptor }) => blobPath(descriptor.digest)),
    };
    if (tag !== undefined) entry.RepoTags.push(familiarReference(tag));
    entries.set(image.imageId, entry);
  }
  return canonicalJson(
    [...entries.values()].map((entry) => (entry.RepoTags.length > 0 ? entry : { ...entry, RepoTags: null })),
  );
}

/** The older `repositories` file: each tag's top layer. */
export function encodeRepositories(images: readonly SavedImage[]): Uint8Array {
  const repositories: Record<string, Record<string, string>> = {};
  for (const { image, tag } of images) {
    const top = image.layers.at(-1);
    if (tag?.tag === undefined || top === undefined) continue;
    const repository = familiarRepository(tag);
    const tags = sortMembers({ ...repositories[repository], [tag.tag]: digestHex(top.descriptor.digest) });
    repositories[repository] = tags as Record<string, string>;
  }
  return canonicalJson(sortMembers(repositories));
}
