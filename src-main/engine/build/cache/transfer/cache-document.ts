import { z } from 'zod';
import { EngineError } from '../../../../contract/errors.ts';
import { digestSchema, instantSchema, type Digest } from '../../../../contract/oci-types.ts';
import { canonicalJson } from '../../../image/canonical-json.ts';
import { descriptorSchema, type Descriptor } from '../../../oci/descriptor.ts';
import { MEDIA_TYPES } from '../../../oci/media-types.ts';
import { digestOf } from '../../../oci/digest.ts';
import { parseDocument } from '../../../oci/parse-document.ts';
import { KEY_VERSION } from '../cache-key.ts';

/** A build cache as an OCI artifact: a manifest of this type, whose config says which key leads to which layer. */
export const CACHE_ARTIFACT = 'application/vnd.varve.build-cache.v1';
export const CACHE_CONFIG = 'application/vnd.varve.build-cache.config.v1+json';

const stepSchema = z.object({
  key: digestSchema,
  /** The key that the step is known by before files were read; for those that read files. */
  metadataKey: digestSchema.optional(),
  /** What the key is made of: the root file system below, and the step itself; an earlier version wrote neither. */
  parent: digestSchema.optional(),
  ownKey: digestSchema.optional(),
  layer: descriptorSchema,
  diffId: digestSchema,
  contentDigest: digestSchema,
  created: instantSchema,
  instruction: z.string(),
});
export type CachedStep = Readonly<z.output<typeof stepSchema>>;

const cacheSchema = z.object({
  keyVersion: z.number(),
  steps: z.array(stepSchema).max(100_000),
  /** When images were first made, by what they are without that: so that one made again has the same digest. */
  created: z.array(z.object({ image: digestSchema, at: instantSchema })).max(10_000),
});
export type CacheDocument = Omit<Readonly<z.output<typeof cacheSchema>>, 'keyVersion'>;

/** A cache's manifest and config as bytes, and the layers that they name. The same steps give the same bytes. */
export interface EncodedCache {
  readonly manifest: Uint8Array;
  readonly config: Uint8Array;
  readonly index: Uint8Array;
  readonly layers: ReadonlyMap<Digest, number>;
}

export function encodeCache({ steps, created }: CacheDocument): EncodedCache {
  const sorted = [...steps].sort((a, b) => (a.key < b.key ? -1 : 1));
  const config = canonicalJson({ keyVersion: KEY_VERSION, steps: sorted, created });
  const layers = new Map<Digest, Descriptor>(sorted.map(({ layer }) => [layer.digest, layer]));
  const manifest = canonicalJson({
    schemaVersion: 2,
    mediaType: MEDIA_TYPES.ociManifest,
    artifactType: CACHE_ARTIFACT,
    config: { mediaType: CACHE_CONFIG, digest: digestOf(config), size: config.length },
    layers: [...layers.values()].map(({ mediaType, digest, size }) => ({ mediaType, digest, size })),
  });
  const entry = {
    mediaType: MEDIA_TYPES.ociManifest,
    digest: digestOf(manifest),
    size: manifest.length,
    annotations: { 'org.opencontainers.image.ref.name': 'latest' },
    artifactType: CACHE_ARTIFACT,
  };
  const index = canonicalJson({ schemaVersion: 2, mediaType: MEDIA_TYPES.ociIndex, manifests: [entry] });
  return {
    manifest,
    config,
    index,
    layers: new Map([...layers].map(([digest, { size }]) => [digest, size])),
  };
}

/** CORRUPT for what is no such document; UNSUPPORTED for keys of another version of Varve. */
export function parseCache(config: Uint8Array): CacheDocument {
  const parsed = cacheSchema.safeParse(parseDocument(config, 'cache’s config'));
  if (!parsed.success) {
    throw new EngineError('CORRUPT', `not a build cache: ${z.prettifyError(parsed.error)}`);
  }
  if (parsed.data.keyVersion === KEY_VERSION) return parsed.data;
  throw new EngineError('UNSUPPORTED', 'another version of Varve wrote it, whose keys mean something else');
}
