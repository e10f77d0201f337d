import type { ImagePart } from '../../contract/images-api.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { detectMediaType } from '../oci/detect-media-type.ts';
import { MAX_INDEX_DEPTH, parseImageIndex } from '../oci/image-index.ts';
import { attestationOf, entryPlatform } from '../oci/index-entries.ts';
import { parseManifest, type Manifest } from '../oci/manifest.ts';
import { isIndexType, isManifestType, MEDIA_TYPES } from '../oci/media-types.ts';
import type { Store } from '../store/store.ts';
import { contentBytes } from './content-bytes.ts';

const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

/** What an image index names, in its order; nothing for a manifest. What is not here is told of as far as the index does. */
export async function imageParts(store: Store, digest: Digest): Promise<ImagePart[]> {
  const bytes = await store.blobs.read(digest);
  if (!isIndexType(detectMediaType(bytes, digest))) return [];
  return partsOf(store, parseImageIndex(bytes).manifests, 0);
}

async function partsOf(store: Store, entries: readonly Descriptor[], depth: number): Promise<ImagePart[]> {
  const parts: ImagePart[] = [];
  for (const entry of entries) {
    const isHere = await store.blobs.has(entry.digest);
    if (isIndexType(entry.mediaType) && isHere && depth < MAX_INDEX_DEPTH) {
      const inner = parseImageIndex(await store.blobs.read(entry.digest));
      parts.push(...(await partsOf(store, inner.manifests, depth + 1)));
    } else parts.push(await partOf(store, entry, isHere));
  }
  return parts;
}

async function partOf(store: Store, entry: Descriptor, isHere: boolean): Promise<ImagePart> {
  const { digest, mediaType, size } = entry;
  const platform = entryPlatform(entry);
  const isImage = attestationOf(entry) === undefined;
  const known = {
    digest,
    mediaType,
    isHere,
    ...(platform === undefined || !isImage ? {} : { platform }),
    ...subjectOf(entry),
  };
  if (!isHere || !isManifestType(mediaType)) {
    return { ...known, kind: kindOf(entry, undefined), sizeBytes: size, types: [] };
  }
  const manifest = parseManifest(await store.blobs.read(digest));
  return {
    ...known,
    kind: kindOf(entry, manifest),
    sizeBytes: size + contentBytes(manifest),
    types: typesOf(manifest),
    ...(CONFIG_TYPES.has(manifest.config.mediaType) && isImage ? { imageId: manifest.config.digest } : {}),
  };
}

function subjectOf(entry: Descriptor): { readonly subject?: Digest } {
  const subject = attestationOf(entry)?.subject;
  return subject === undefined ? {} : { subject };
}

function kindOf(entry: Descriptor, manifest: Manifest | undefined): ImagePart['kind'] {
  const attestation = attestationOf(entry);
  if (attestation !== undefined) return attestation.kind === 'attestation-manifest' ? 'attestation' : 'other';
  if (manifest === undefined) return isManifestType(entry.mediaType) ? 'image' : 'other';
  return CONFIG_TYPES.has(manifest.config.mediaType) ? 'image' : 'other';
}

/** What statements an attestation makes, or what kind of artifact it is (in-toto; image-spec, "Artifacts"). */
function typesOf({ artifactType, config, layers }: Manifest): string[] {
  const predicates = layers.flatMap(({ annotations }) => annotations?.['in-toto.io/predicate-type'] ?? []);
  if (predicates.length > 0) return [...new Set(predicates)];
  if (artifactType !== undefined) return [artifactType];
  return CONFIG_TYPES.has(config.mediaType) ? [] : [config.mediaType];
}
