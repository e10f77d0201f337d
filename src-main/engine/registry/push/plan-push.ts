import { EngineError, isEngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { MAX_DESCRIPTORS, MAX_INDEX_DEPTH, parseImageIndex } from '../../oci/image-index.ts';
import { parseManifest } from '../../oci/manifest.ts';
import { isIndexType, isManifestType } from '../../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../../oci/parse-document.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';

/** A manifest or image index to send, as it is stored. */
export interface PlannedDocument {
  readonly descriptor: Descriptor;
  readonly bytes: Uint8Array;
  /** The document that it says it belongs to. */
  readonly subject: Descriptor | undefined;
  /** What it tells of itself to those who list the referrers of its subject. */
  readonly artifactType: string | undefined;
  readonly annotations: Readonly<Record<string, string>> | undefined;
}

export interface PlannedBlob {
  readonly descriptor: Descriptor;
  readonly kind: 'layer' | 'config';
}

/** All that a push has to bring to a repository, each thing once. */
export interface PushPlan {
  readonly root: Descriptor;
  /** Those that others name come first, the root comes last. */
  readonly documents: readonly PlannedDocument[];
  readonly blobs: readonly PlannedBlob[];
  /** Layers whose licence forbids to hand them on: they stay where their `urls` say. */
  readonly foreign: readonly Descriptor[];
  /** Documents that an index names and that are not in the store. */
  readonly absent: readonly Descriptor[];
}

/**
 * Reads every document below `root` and lists what it needs. NOT_FOUND or CORRUPT when the root itself is missing or
 * damaged, CORRUPT for any other damaged document. Layers are not looked at.
 */
export async function planPush(store: Store, root: Descriptor, options: LongOptions = {}): Promise<PushPlan> {
  const plan = {
    documents: new Map<Digest, PlannedDocument>(),
    blobs: new Map<Digest, PlannedBlob>(),
    foreign: new Map<Digest, Descriptor>(),
    absent: new Map<Digest, Descriptor>(),
  };
  const visited = new Set<Digest>();
  const visit = async (descriptor: Descriptor, depth: number): Promise<void> => {
    if (visited.has(descriptor.digest)) return;
    visited.add(descriptor.digest);
    checkLimits(root, depth, visited.size);
    const bytes = await readUnlessAbsent(store, descriptor, depth, options);
    if (bytes === undefined) {
      plan.absent.set(descriptor.digest, descriptor);
      return;
    }
    if (isIndexType(descriptor.mediaType)) {
      const index = parseImageIndex(bytes);
      for (const child of index.manifests) {
        if (isDocument(child)) await visit(child, depth + 1);
        else plan.blobs.set(child.digest, { descriptor: child, kind: 'layer' });
      }
      plan.documents.set(descriptor.digest, { descriptor, bytes, ...ofIndex(index) });
    } else {
      const manifest = parseManifest(bytes);
      for (const layer of manifest.layers) {
        if (isForeign(layer)) plan.foreign.set(layer.digest, layer);
        else plan.blobs.set(layer.digest, { descriptor: layer, kind: 'layer' });
      }
      plan.blobs.set(manifest.config.digest, { descriptor: manifest.config, kind: 'config' });
      plan.documents.set(descriptor.digest, { descriptor, bytes, ...ofManifest(manifest) });
    }
  };
  await visit(root, 0);
  return {
    root,
    documents: [...plan.documents.values()],
    blobs: [...plan.blobs.values()],
    foreign: [...plan.foreign.values()],
    absent: [...plan.absent.values()],
  };
}

function checkLimits(root: Descriptor, depth: number, count: number): void {
  if (depth <= MAX_INDEX_DEPTH && count <= MAX_DESCRIPTORS) return;
  throw new EngineError(
    'LIMIT_EXCEEDED',
    `the image index ${root.digest} is nested too deeply, or names too much`,
  );
}

function isDocument({ mediaType }: Descriptor): boolean {
  return isIndexType(mediaType) || isManifestType(mediaType);
}

/** Media types that say so (image-spec, layer.md, "Non-distributable layers"; Docker's foreign layers). */
function isForeign({ mediaType }: Descriptor): boolean {
  return mediaType.includes('.layer.nondistributable.') || mediaType.includes('.rootfs.foreign.');
}

/** Undefined for a document that only an index names and that was never brought here. */
async function readUnlessAbsent(
  store: Store,
  descriptor: Descriptor,
  depth: number,
  options: LongOptions,
): Promise<Uint8Array | undefined> {
  const { digest, mediaType } = descriptor;
  if (!isDocument(descriptor)) {
    throw new EngineError('UNSUPPORTED', `${digest} is of type ${mediaType}, which is no image`);
  }
  try {
    return await store.blobs.read(digest, { ...options, limitBytes: DOCUMENT_LIMIT_BYTES });
  } catch (error) {
    if (depth > 0 && isEngineError(error, 'NOT_FOUND')) return undefined;
    throw error;
  }
}

type Told = Pick<PlannedDocument, 'subject' | 'artifactType' | 'annotations'>;

function ofIndex(index: ReturnType<typeof parseImageIndex>): Told {
  const { subject, annotations, artifactType } = index;
  return { subject, annotations, artifactType: typeof artifactType === 'string' ? artifactType : undefined };
}

/** A manifest without a type of its own has that of its config (distribution-spec, "Listing Referrers"). */
function ofManifest(manifest: ReturnType<typeof parseManifest>): Told {
  const { subject, annotations, artifactType, config } = manifest;
  return { subject, annotations, artifactType: artifactType ?? config.mediaType };
}
