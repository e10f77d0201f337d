import { z } from 'zod';
import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { parseImageIndex } from '../../oci/image-index.ts';
import { isIndexType, isManifestType } from '../../oci/media-types.ts';
import { formatReference, parseReference, type Reference } from '../../oci/reference.ts';
import { parseDocument } from '../../oci/parse-document.ts';
import type { ArchiveContents } from './archive-contents.ts';
import { dockerNames } from './docker-manifest.ts';
import type { ArchiveImage } from './load-plan.ts';

const layoutSchema = z.looseObject({ imageLayoutVersion: z.string() });

/** The images of an OCI layout (image-spec, image-layout.md), with the names that its index or manifest.json gives. */
export function planOciLayout(contents: ArchiveContents, indexBytes: Uint8Array): readonly ArchiveImage[] {
  checkVersion(contents.files.get('oci-layout'));
  const namesByBlob = dockerNames(contents);
  const images = new Map<Digest, { descriptor: Descriptor; names: Map<string, Reference> }>();
  for (const descriptor of parseImageIndex(indexBytes).manifests) {
    if (descriptor.annotations?.['vnd.docker.reference.type'] !== undefined) continue;
    if (!isManifestType(descriptor.mediaType) && !isIndexType(descriptor.mediaType)) continue;
    const image = images.get(descriptor.digest) ?? { descriptor: bare(descriptor), names: new Map() };
    images.set(descriptor.digest, image);
    const name = annotatedName(descriptor);
    if (name !== undefined) image.names.set(formatReference(name), name);
    for (const other of namesByBlob.get(configOf(contents, descriptor.digest)) ?? []) {
      image.names.set(formatReference(other), other);
    }
  }
  return [...images.values()].map(({ descriptor, names }) => ({ descriptor, names: [...names.values()] }));
}

function checkVersion(bytes: Uint8Array | undefined): void {
  if (bytes === undefined) return;
  const layout = layoutSchema.safeParse(parseDocument(bytes, 'oci-layout'));
  if (layout.success && layout.data.imageLayoutVersion.startsWith('1.')) return;
  throw new EngineError('UNSUPPORTED', 'the OCI layout is of a version that Varve does not know');
}

/** What belongs to the place in this index stays there. */
function bare({ mediaType, digest, size }: Descriptor): Descriptor {
  return { mediaType, digest, size };
}

/** containerd's full name, else the ref name where it is a name and not only a tag. */
function annotatedName({ annotations }: Descriptor): Reference | undefined {
  const full = annotations?.['io.containerd.image.name'];
  if (full !== undefined) return withoutDigest(parseReference(full));
  const name = annotations?.['org.opencontainers.image.ref.name'];
  return name !== undefined && /[:/]/.test(name) ? withoutDigest(parseReference(name)) : undefined;
}

/** A name by digest is no tag. */
function withoutDigest(reference: Reference): Reference | undefined {
  return reference.tag === undefined ? undefined : { ...reference, digest: undefined };
}

/** The config of a manifest, for finding its names in manifest.json; what is no manifest has none. */
function configOf(contents: ArchiveContents, digest: Digest): string {
  const bytes = contents.blobs.get(digest)?.document;
  const document = bytes === undefined ? {} : parseDocument(bytes, `document ${digest}`);
  const config = z.object({ digest: z.string() }).safeParse(document['config']);
  return config.success ? config.data.digest : '';
}
