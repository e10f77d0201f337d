import { EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import type { Descriptor } from '../oci/descriptor.ts';
import { createDigester, digestAlgorithm } from '../oci/digest.ts';
import { parseImageIndex } from '../oci/image-index.ts';
import { parseManifest } from '../oci/manifest.ts';
import { isIndexType, isManifestType } from '../oci/media-types.ts';
import { DOCUMENT_LIMIT_BYTES } from '../oci/parse-document.ts';
import type { FileSystem } from './file-system.ts';
import { blobPath, type Layout } from './layout.ts';

/** A blob by what it is said to be; without a media type a document tells itself what it is. */
export interface Root {
  readonly digest: Digest;
  readonly mediaType: string | undefined;
}

/** What a blob refers to. */
export interface References {
  readonly kind: 'index' | 'manifest' | 'leaf' | 'missing';
  readonly descriptors: readonly Descriptor[];
}

const LEAF: References = { kind: 'leaf', descriptors: [] };
const MISSING: References = { kind: 'missing', descriptors: [] };

/**
 * What manifests and image indexes in the store refer to, read once each: a digest never comes to mean something
 * else. Synchronous, so that a database transaction can rely on it.
 */
export class Documents {
  readonly #layout: Layout;
  readonly #files: FileSystem;
  readonly #known = new Map<string, References>();

  constructor(layout: Layout, files: FileSystem) {
    this.#layout = layout;
    this.#files = files;
  }

  /** CORRUPT when the document is damaged: then nobody can say what it needs. */
  referencesOf({ digest, mediaType }: Root): References {
    if (mediaType !== undefined && !isIndexType(mediaType) && !isManifestType(mediaType)) return LEAF;
    const key = `${digest} ${mediaType ?? ''}`;
    const known = this.#known.get(key);
    if (known !== undefined) return known;
    const references = this.#read(digest, mediaType);
    if (references.kind !== 'missing') this.#known.set(key, references);
    return references;
  }

  #read(digest: Digest, mediaType: string | undefined): References {
    const path = blobPath(this.#layout, digest);
    const status = this.#files.statSync(path);
    if (status === undefined) return MISSING;
    if (mediaType === undefined && status.sizeBytes > DOCUMENT_LIMIT_BYTES) return LEAF;
    if (status.sizeBytes > DOCUMENT_LIMIT_BYTES) throw damaged(digest);
    const bytes = this.#files.readSync(path);
    if (bytes === undefined) return MISSING;
    checkDigest(digest, bytes);
    return parseReferences(bytes, mediaType ?? sniffMediaType(bytes));
  }
}

function checkDigest(digest: Digest, bytes: Uint8Array): void {
  const digester = createDigester(digestAlgorithm(digest));
  digester.update(bytes);
  if (digester.digest() !== digest) throw damaged(digest);
}

function damaged(digest: Digest): EngineError {
  return new EngineError('CORRUPT', `the stored document ${digest} is damaged`, {
    hint: 'Run "varve verify" to see what it belongs to, then pull or build that again, or remove its tag.',
  });
}

function parseReferences(bytes: Uint8Array, kind: 'index' | 'manifest' | 'leaf' | string): References {
  if (kind === 'index' || isIndexType(kind)) {
    return { kind: 'index', descriptors: parseImageIndex(bytes).manifests };
  }
  if (kind === 'manifest' || isManifestType(kind)) {
    const manifest = parseManifest(bytes);
    return { kind: 'manifest', descriptors: [manifest.config, ...manifest.layers] };
  }
  return LEAF;
}

/** For blobs that are tagged without being recorded as images. */
function sniffMediaType(bytes: Uint8Array): 'index' | 'manifest' | 'leaf' {
  if (bytes[0] !== 0x7b) return 'leaf';
  try {
    const value: unknown = JSON.parse(Buffer.from(bytes).toString('utf8'));
    if (typeof value !== 'object' || value === null) return 'leaf';
    if ('manifests' in value) return 'index';
    return 'layers' in value && 'config' in value ? 'manifest' : 'leaf';
  } catch (error) {
    if (error instanceof SyntaxError) return 'leaf';
    throw error;
  }
}
