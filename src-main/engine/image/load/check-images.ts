import { EngineError } from '../../../contract/errors.ts';
import type { Digest } from '../../../contract/oci-types.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import { detectMediaType } from '../../oci/detect-media-type.ts';
import { parseImageConfig } from '../../oci/image-config.ts';
import { MAX_DESCRIPTORS, MAX_INDEX_DEPTH, parseImageIndex } from '../../oci/image-index.ts';
import { parseManifest, type Manifest } from '../../oci/manifest.ts';
import { isIndexType, MEDIA_TYPES } from '../../oci/media-types.ts';
import { applyToc } from '../../filetree/apply-toc.ts';
import { EMPTY_TREE } from '../../filetree/tree-node.ts';
import { readToc } from '../../filetree/read-toc.ts';
import type { Toc } from '../../filetree/toc.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { Store } from '../../store/store.ts';
import { createImage } from '../open-image.ts';
import type { ArchiveContents } from './archive-contents.ts';
import { missingBlob, readArchiveDocument } from './archive-documents.ts';
import type { LoadPlan } from './load-plan.ts';

const LAYER_TYPES: ReadonlySet<string> = new Set([
  MEDIA_TYPES.ociLayer,
  MEDIA_TYPES.ociLayerGzip,
  MEDIA_TYPES.ociLayerZstd,
  MEDIA_TYPES.dockerLayer,
  MEDIA_TYPES.dockerLayerGzip,
]);
const CONFIG_TYPES: ReadonlySet<string> = new Set([MEDIA_TYPES.ociConfig, MEDIA_TYPES.dockerConfig]);

interface Check {
  readonly store: Store;
  readonly contents: ArchiveContents;
  readonly documents: LoadPlan['documents'];
  readonly options: LongOptions;
  /** What was reached: visited once, and what must be kept. */
  readonly needed: Set<Digest>;
}

/**
 * Checks all that the images refer to before anything becomes visible: documents, sizes, layers that unpack to their
 * diff IDs and stack. The digests of all of it, documents first. An index may lack platforms, but not all of them.
 */
export async function checkImages(
  store: Store,
  contents: ArchiveContents,
  plan: LoadPlan,
  options: LongOptions,
): Promise<{ readonly needed: ReadonlySet<Digest>; readonly imageIds: ReadonlyMap<Digest, Digest> }> {
  const check = { store, contents, documents: plan.documents, options, needed: new Set<Digest>() };
  const imageIds = new Map<Digest, Digest>();
  for (const { descriptor } of plan.images) {
    const imageId = await checkNode(check, descriptor, 0);
    if (imageId !== undefined) imageIds.set(descriptor.digest, imageId);
  }
  return { needed: check.needed, imageIds };
}

/** The ID of the first image at or below a document. */
async function checkNode(check: Check, descriptor: Descriptor, depth: number): Promise<Digest | undefined> {
  if (depth > MAX_INDEX_DEPTH || check.needed.size > MAX_DESCRIPTORS) {
    throw new EngineError('LIMIT_EXCEEDED', `${descriptor.digest} refers to too much`);
  }
  const bytes = await readDocument(check, descriptor);
  const mediaType = detectMediaType(bytes, descriptor.digest);
  if (mediaType !== descriptor.mediaType) {
    throw new EngineError(
      'CORRUPT',
      `${descriptor.digest} is said to be ${descriptor.mediaType} and is ${mediaType}`,
    );
  }
  need(check, descriptor.digest);
  if (isIndexType(mediaType)) return checkIndex(check, bytes, descriptor, depth);
  return checkManifest(check, parseManifest(bytes), descriptor);
}

async function readDocument(
  { store, contents, documents }: Check,
  descriptor: Descriptor,
): Promise<Uint8Array> {
  const { digest, size } = descriptor;
  const bytes = documents.get(digest) ?? (await readArchiveDocument(store, contents, digest));
  if (bytes.length === size) return bytes;
  throw wrongSize(descriptor, bytes.length);
}

function wrongSize({ digest, size }: Descriptor, actual: number): EngineError {
  return new EngineError('CORRUPT', `${digest} has ${actual} bytes and its descriptor says ${size}`);
}

function need(check: Check, digest: Digest): void {
  check.needed.add(digest);
}

async function checkIndex(
  check: Check,
  bytes: Uint8Array,
  { digest }: Descriptor,
  depth: number,
): Promise<Digest | undefined> {
  let imageId: Digest | undefined;
  for (const entry of parseImageIndex(bytes).manifests) {
    if (check.needed.has(entry.digest) || !(await isPresent(check, entry.digest))) continue;
    const found = await checkNode(check, entry, depth + 1);
    if (entry.platform?.os !== 'unknown') imageId ??= found;
  }
  if (imageId !== undefined || depth > 0) return imageId;
  throw new EngineError('CORRUPT', `the archive has no image of the index ${digest}`);
}

async function isPresent({ store, contents, documents }: Check, digest: Digest): Promise<boolean> {
  return documents.has(digest) || contents.blobs.has(digest) || store.blobs.has(digest);
}

async function checkManifest(check: Check, manifest: Manifest, descriptor: Descriptor): Promise<Digest> {
  for (const blob of [manifest.config, ...manifest.layers]) await checkBlob(check, blob);
  const isImage =
    CONFIG_TYPES.has(manifest.config.mediaType) &&
    manifest.layers.every(({ mediaType }) => LAYER_TYPES.has(mediaType));
  if (isImage) await checkLayers(check, manifest, descriptor);
  return manifest.config.digest;
}

async function checkBlob(check: Check, blob: Descriptor): Promise<void> {
  const { store, contents, documents } = check;
  const size = documents.get(blob.digest)?.length ?? contents.blobs.get(blob.digest)?.sizeBytes;
  if (size === undefined && !(await store.blobs.has(blob.digest))) throw missingBlob(blob.digest);
  const actual = size ?? (await store.blobs.sizeOf(blob.digest));
  if (actual !== blob.size) throw wrongSize(blob, actual);
  need(check, blob.digest);
}

async function checkLayers(check: Check, manifest: Manifest, descriptor: Descriptor): Promise<void> {
  const config = parseImageConfig(await readDocument(check, manifest.config));
  const { layers } = createImage(descriptor, manifest, config);
  let tree = EMPTY_TREE;
  let position = 0;
  for (const layer of layers) {
    tree = applyToc(tree, await tocOf(check, layer), position);
    position += 1;
  }
}

/** A layer's table of contents, from the archive or from the store, only if it has the diff ID that it must have. */
async function tocOf(
  { store, contents, options }: Check,
  layer: { readonly descriptor: Descriptor; readonly diffId: Digest },
): Promise<Toc> {
  const blob = contents.blobs.get(layer.descriptor.digest);
  if (blob?.failure instanceof Error) throw blob.failure;
  if (blob?.layer === undefined) return readToc(store, layer, options);
  if (blob.layer.diffId === layer.diffId) return blob.layer.toc;
  throw new EngineError(
    'CORRUPT',
    `layer ${layer.descriptor.digest} unpacks to ${blob.layer.diffId} and should to ${layer.diffId}`,
  );
}
