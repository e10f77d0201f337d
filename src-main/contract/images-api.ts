import { z } from 'zod';
import { method } from './method.ts';
import {
  digestSchema,
  instantSchema,
  platformSchema,
  rateLimitSchema,
  transferProgressSchema,
} from './oci-types.ts';

/** Something that an image index names: an image for a platform, or what says something of one. */
export const imagePartSchema = z.object({
  kind: z.enum(['image', 'attestation', 'other']),
  digest: digestSchema,
  mediaType: z.string(),
  /** With all that it refers to; of what is not here its manifest alone. */
  sizeBytes: z.number(),
  /** Of an image. */
  platform: platformSchema.optional(),
  imageId: digestSchema.optional(),
  /** The image that an attestation is about. */
  subject: digestSchema.optional(),
  /** What an attestation states (`https://slsa.dev/provenance/v1`), or what an artifact is. */
  types: z.array(z.string()),
  /** False for what was not pulled. */
  isHere: z.boolean(),
});
export type ImagePart = Readonly<z.output<typeof imagePartSchema>>;

/** What is kept with an image because it refers to it: it lives as long as the image does. */
export const imageReferrerSchema = z.object({
  kind: z.enum(['signature', 'attestation', 'sbom', 'artifact']),
  digest: digestSchema,
  mediaType: z.string(),
  /** With all that it refers to. */
  sizeBytes: z.number(),
  /** The image, or the index that names images, that it is about. */
  subject: digestSchema,
  /** What an attestation states, what form an SBOM has, or what an artifact is. */
  types: z.array(z.string()),
  /** Cosign's tag that it had at the registry (`sha256-….sig`), unless it names its subject itself. */
  tag: z.string().optional(),
});
export type ImageReferrer = Readonly<z.output<typeof imageReferrerSchema>>;

/** A row of the image list: one tag, or an image that no tag names. */
export const imageRowSchema = z.object({
  /**
   * The tag's full familiar form (`myapp:1.0`, `ghcr.io/org/app:2`), or `name@digest` for what was pulled so and no tag
   * of that repository names; absent for an untagged image.
   */
  name: z.string().optional(),
  repository: z.string().optional(),
  tag: z.string().optional(),
  /** Digest of the manifest or image index that the tag points at. */
  digest: digestSchema,
  /** Digest of the image config; for an image index that of the image for this machine's platform. */
  imageId: digestSchema,
  /** Those whose images are here. */
  platforms: z.array(platformSchema),
  /** What an image index names; empty for the image of one platform. */
  parts: z.array(imagePartSchema).default([]),
  referrers: z.array(imageReferrerSchema).default([]),
  createdAt: instantSchema.optional(),
  /** When the tag last moved here. */
  taggedAt: instantSchema.optional(),
  /** Compressed layers plus config plus manifest, in bytes: what a registry stores. */
  sizeBytes: z.number(),
  /** Sum of the uncompressed layers, in bytes, where it is known. */
  unpackedBytes: z.number().optional(),
});
export type ImageRow = Readonly<z.output<typeof imageRowSchema>>;

export const historyRowSchema = z.object({
  createdAt: instantSchema.optional(),
  createdBy: z.string(),
  comment: z.string().optional(),
  emptyLayer: z.boolean(),
  /** Position in the image's layers, absent for an empty layer. */
  layer: z.number().optional(),
  sizeBytes: z.number(),
});
export type HistoryRow = Readonly<z.output<typeof historyRowSchema>>;

/** What made a layer, which decides its hue: base image, COPY or ADD, RUN, or anything else that adds a layer. */
export const layerOriginSchema = z.enum(['base', 'copy', 'run', 'other']);
export type LayerOrigin = z.output<typeof layerOriginSchema>;

export const layerRowSchema = z.object({
  /** Position from the bottom, 0 first. */
  position: z.number(),
  digest: digestSchema,
  diffId: digestSchema,
  chainId: digestSchema,
  mediaType: z.string(),
  sizeBytes: z.number(),
  unpackedBytes: z.number().optional(),
  origin: layerOriginSchema,
  createdBy: z.string().optional(),
  createdAt: instantSchema.optional(),
  /** Files and folders that the layer adds, changes and removes against the stack below it. */
  added: z.number(),
  modified: z.number(),
  removed: z.number(),
  /** Bytes below this layer that it hides by replacing or removing them. */
  wastedBytes: z.number(),
});
export type LayerRow = Readonly<z.output<typeof layerRowSchema>>;

export const imageDetailSchema = z.object({
  digest: digestSchema,
  imageId: digestSchema,
  names: z.array(z.string()),
  mediaType: z.string(),
  platform: platformSchema,
  /** What an image index names; empty for the image of one platform. */
  parts: z.array(imagePartSchema).default([]),
  referrers: z.array(imageReferrerSchema).default([]),
  author: z.string().optional(),
  createdAt: instantSchema.optional(),
  sizeBytes: z.number(),
  config: z.object({
    user: z.string(),
    workingDir: z.string(),
    env: z.array(z.object({ name: z.string(), value: z.string() })),
    entrypoint: z.array(z.string()).optional(),
    cmd: z.array(z.string()).optional(),
    shell: z.array(z.string()).optional(),
    exposedPorts: z.array(z.string()),
    volumes: z.array(z.string()),
    labels: z.array(z.object({ name: z.string(), value: z.string() })),
    stopSignal: z.string().optional(),
    healthcheck: z.record(z.string(), z.unknown()).optional(),
    onBuild: z.array(z.string()),
  }),
  history: z.array(historyRowSchema),
  /** The document that `varve inspect` prints for this image: docker's keys, and Digest. */
  inspect: z.record(z.string(), z.unknown()),
});
export type ImageDetail = Readonly<z.output<typeof imageDetailSchema>>;

/** One recorded move of a tag. Nothing here is ever rewritten; an undo is a move of its own. */
export const tagEventSchema = z.object({
  id: z.number(),
  name: z.string(),
  /** Where the tag pointed before; absent when it was new. */
  from: digestSchema.optional(),
  /** Where it points after; absent when it was removed. */
  to: digestSchema.optional(),
  at: instantSchema,
  cause: z.enum(['build', 'tag', 'untag', 'load', 'pull', 'undo']),
});
export type TagEvent = Readonly<z.output<typeof tagEventSchema>>;

export const archiveFormatSchema = z.enum(['oci', 'docker']);
export type ArchiveFormat = z.output<typeof archiveFormatSchema>;

/** What became of a blob or manifest in a push. */
export const pushedBlobSchema = z.object({
  digest: digestSchema,
  kind: z.enum(['layer', 'config', 'manifest']),
  sizeBytes: z.number(),
  outcome: z.enum(['there', 'mounted', 'uploaded']),
  /** The repository that it was mounted from. */
  from: z.string().optional(),
});
export type PushedBlob = Readonly<z.output<typeof pushedBlobSchema>>;

const ref = z.string().min(1).max(4096);
const none = z.never();

/**
 * Images and tags. A `ref` is any way to name an image: `name[:tag]`, `name@digest`, a digest, or an unambiguous
 * prefix (4 hex digits or more) of an image ID or manifest digest. Unknown ones reject with NOT_FOUND and a hint
 * that names near ones. Everything that moves a tag is recorded and can be undone.
 */
export const imagesApi = {
  list: method({
    params: z.object({ repository: z.string().optional(), untagged: z.boolean().optional() }),
    result: z.array(imageRowSchema),
    progress: none,
  }),
  inspect: method({ params: z.object({ ref }), result: imageDetailSchema, progress: none }),
  layers: method({
    params: z.object({ ref }),
    result: z.array(layerRowSchema),
    progress: transferProgressSchema,
  }),
  /** Points `target` at the image of `source`; moving an existing tag is allowed and recorded. */
  tag: method({ params: z.object({ source: ref, target: ref }), result: tagEventSchema, progress: none }),
  /** Points `target` where `source` points and removes `source`, as one recorded change each. */
  rename: method({
    params: z.object({ source: ref, target: ref }),
    result: z.array(tagEventSchema),
    progress: none,
  }),
  /** Removes the tag; the image stays until a prune after the grace period. */
  untag: method({ params: z.object({ name: ref }), result: tagEventSchema, progress: none }),
  /** Reverts the named tag's last move, or with `event` exactly that move if nothing came after it (else CONFLICT). */
  undo: method({
    params: z.object({ name: ref, event: z.number().optional() }),
    result: tagEventSchema,
    progress: none,
  }),
  /** Newest first; of all tags when no name is given. */
  tagHistory: method({
    params: z.object({ name: ref.optional(), limit: z.number().int().positive().max(1000).optional() }),
    result: z.array(tagEventSchema),
    progress: none,
  }),
  /** Imports a docker-archive, OCI archive or OCI layout, plain or compressed; tells which tags moved. */
  load: method({
    params: z.object({ path: z.string(), dryRun: z.boolean().optional() }),
    result: z.object({
      images: z.array(z.object({ digest: digestSchema, imageId: digestSchema, names: z.array(z.string()) })),
      moved: z.array(tagEventSchema),
    }),
    progress: transferProgressSchema,
  }),
  /**
   * Brings an image from its registry by tag or digest; a tag then moves here as it stands there. An image index comes
   * as it is, with this machine's image (or `platform`'s) and what attests it, or with all that it names. What refers
   * to it comes too, unless it is much: signatures, SBOMs and other referrers, and what cosign keeps under tags.
   */
  pull: method({
    params: z.object({
      ref,
      platform: platformSchema.optional(),
      allPlatforms: z.boolean().optional(),
      /** False: without what refers to the image. */
      referrers: z.boolean().optional(),
      /** Blobs at once; what `registries.json` says unless told. */
      parallel: z.number().int().min(1).max(32).optional(),
    }),
    result: z.object({
      digest: digestSchema,
      /** The complete name: `docker.io/library/python:3.12`. */
      name: z.string(),
      event: tagEventSchema.optional(),
      /** 0 when all was here already. */
      transferredBytes: z.number(),
      /** What was left at the registry. */
      notes: z.array(z.string()).default([]),
      rateLimit: rateLimitSchema.optional(),
    }),
    progress: transferProgressSchema,
  }),
  /**
   * Sends an image to a registry, byte for byte as it is stored: `digest` is the one that it has here. Without a
   * target the image goes where its name says. An image index goes with all that it names; where some of that is
   * neither here nor there, the one image for this machine goes alone, unless `allPlatforms` makes that an error. What is
   * kept with it because it refers to it goes too.
   */
  push: method({
    params: z.object({
      ref,
      target: ref.optional(),
      allPlatforms: z.boolean().optional(),
      platform: platformSchema.optional(),
    }),
    result: z.object({
      digest: digestSchema,
      /** The complete name that was pushed to, as people write it. */
      target: z.string(),
      /** Of the document that `digest` names. */
      sizeBytes: z.number(),
      uploadedBytes: z.number(),
      mountedBytes: z.number(),
      thereBytes: z.number(),
      blobs: z.array(pushedBlobSchema),
      /** What was not pushed, and what else a person should know. */
      notes: z.array(z.string()),
    }),
    progress: transferProgressSchema,
  }),
  /** Writes a new file at `path`, whole or not at all. The notes tell a person what was left out. */
  save: method({
    params: z.object({ refs: z.array(ref).min(1), path: z.string(), format: archiveFormatSchema }),
    result: z.object({ path: z.string(), sizeBytes: z.number(), notes: z.array(z.string()).default([]) }),
    progress: transferProgressSchema,
  }),
};
