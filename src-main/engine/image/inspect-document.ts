import type { ImagePart, ImageReferrer } from '../../contract/images-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { familiarReference, familiarRepository, parseReference } from '../oci/reference.ts';
import type { TagRow } from '../store/store.ts';
import type { Image } from './image.ts';

/** What `docker inspect` prints for an image, with its keys in its order, and Digest and Referrers. */
export function inspectDocument(
  image: Image,
  stored: {
    readonly digest: Digest;
    readonly tags: readonly TagRow[];
    readonly sizeBytes: number;
    readonly parts: readonly ImagePart[];
    readonly referrers: readonly ImageReferrer[];
  },
): Record<string, unknown> {
  const { config } = image;
  const references = stored.tags.map(({ name }) => parseReference(name));
  const repositories = [...new Set(references.map(familiarRepository))];
  return {
    Id: image.imageId,
    Digest: stored.digest,
    RepoTags: references.filter(({ tag }) => tag !== undefined).map(familiarReference),
    RepoDigests: repositories.map((repository) => `${repository}@${stored.digest}`),
    Parent: '',
    Comment: config.history?.at(-1)?.comment ?? '',
    Created: config.created ?? '',
    DockerVersion: '',
    Author: config.author ?? '',
    Config: config.config ?? {},
    Architecture: config.architecture,
    ...(config.variant === undefined ? {} : { Variant: config.variant }),
    Os: config.os,
    Size: stored.sizeBytes,
    RootFS: { Type: 'layers', Layers: image.layers.map(({ diffId }) => diffId) },
    Metadata: { LastTagTime: lastTagTime(stored.tags) },
    Descriptor: {
      mediaType: image.descriptor.mediaType,
      digest: image.descriptor.digest,
      size: image.descriptor.size,
    },
    ...(stored.parts.length === 0 ? {} : { Manifests: stored.parts.map(describePart) }),
    ...(stored.referrers.length === 0 ? {} : { Referrers: stored.referrers.map(describeReferrer) }),
  };
}

/** As docker's list of images has it. */
function describePart(part: ImagePart): Record<string, unknown> {
  const { kind, digest, mediaType, sizeBytes, platform, subject, types, isHere } = part;
  return {
    ID: digest,
    Descriptor: { mediaType, digest },
    Available: isHere,
    Kind: kind === 'other' ? 'unknown' : kind,
    Size: { Content: sizeBytes },
    ...(kind === 'image' ? { ImageData: { Platform: platform ?? null } } : {}),
    ...(subject === undefined ? {} : { AttestationData: { For: subject } }),
    ...(types.length === 0 ? {} : { Types: types }),
  };
}

function describeReferrer(referrer: ImageReferrer): Record<string, unknown> {
  const { kind, digest, mediaType, sizeBytes, subject, types, tag } = referrer;
  return {
    ID: digest,
    Descriptor: { mediaType, digest },
    Kind: kind,
    Subject: subject,
    Size: { Content: sizeBytes },
    ...(types.length === 0 ? {} : { Types: types }),
    ...(tag === undefined ? {} : { Tag: tag }),
  };
}

function lastTagTime(tags: readonly TagRow[]): string {
  const times = tags.map(({ taggedAt }) => taggedAt).sort();
  return times.at(-1) ?? '0001-01-01T00:00:00Z';
}
