import { z } from 'zod';
import { imageDetailSchema } from './images-api.ts';
import { method } from './method.ts';
import { digestSchema, instantSchema, platformSchema } from './oci-types.ts';

/** One page of names in the registry's order; `next` continues it. */
const page = {
  after: z.string().max(4096).optional(),
  limit: z.number().int().positive().max(1000).optional(),
};

/** A manifest that says of itself that it belongs to another: a signature, an attestation, a bill of materials. */
export const referrerSchema = z.object({
  digest: digestSchema,
  mediaType: z.string(),
  artifactType: z.string().optional(),
  /** Of the manifest alone. */
  sizeBytes: z.number(),
  annotations: z.record(z.string(), z.string()).optional(),
});
export type Referrer = Readonly<z.output<typeof referrerSchema>>;

/** What a tag or digest names at a registry, as a list of tags shows it. */
export const tagDetailSchema = z.object({
  digest: digestSchema,
  mediaType: z.string(),
  /** Of the image for this machine, else of the first one. */
  createdAt: instantSchema.optional(),
  /** Compressed layers, config and manifest of that image: what pulling it into an empty store brings. */
  sizeBytes: z.number().optional(),
  platforms: z.array(platformSchema),
  /** What it is, where it is no image: the artifact's own type, else that of its config. */
  artifactType: z.string().optional(),
});
export type TagDetail = Readonly<z.output<typeof tagDetailSchema>>;

export const remoteLayerSchema = z.object({
  /** Position from the bottom, 0 first. */
  position: z.number(),
  digest: digestSchema,
  mediaType: z.string(),
  sizeBytes: z.number(),
  createdBy: z.string().optional(),
  /** The blob is in this store too. */
  isHere: z.boolean(),
});
export type RemoteLayer = Readonly<z.output<typeof remoteLayerSchema>>;

/** An image at a registry, read without its layers. */
export const remoteImageSchema = z.object({
  ...tagDetailSchema.shape,
  /** Digest of the manifest for the chosen platform; `digest` itself unless that names an index. */
  manifest: digestSchema,
  /** Absent for an artifact that is no image. */
  detail: imageDetailSchema
    .pick({ imageId: true, platform: true, author: true, createdAt: true, config: true, history: true })
    .optional(),
  layers: z.array(remoteLayerSchema),
});
export type RemoteImage = Readonly<z.output<typeof remoteImageSchema>>;

export const previewBlobSchema = z.object({
  digest: digestSchema,
  kind: z.enum(['layer', 'config', 'manifest']),
  sizeBytes: z.number(),
  /** `there` already; can be mounted from the repository `from` of the same registry; or must be sent. */
  state: z.enum(['there', 'mount', 'upload']),
  from: z.string().optional(),
});

export const pushPreviewSchema = z.object({
  /** The complete name that would be pushed to, as people write it. */
  target: z.string(),
  /** In the order of sending: layers and configs, then manifests, what names others last. */
  blobs: z.array(previewBlobSchema),
  uploadBytes: z.number(),
  /** Where the remote tag points now; absent when it is new, or the target is a digest. */
  from: digestSchema.optional(),
  to: digestSchema,
  /** What will not be pushed, and why. */
  notes: z.array(z.string()),
});
export type PushPreview = Readonly<z.output<typeof pushPreviewSchema>>;

const ref = z.string().min(1).max(4096);
const none = z.never();

/**
 * What registries hold, read without pulling; calls of the area `registries`. A `repository` is `name` or `host/name`, a
 * `ref` also a tag or digest in it. NOT_FOUND, UNAUTHORIZED and UNSUPPORTED (the registry does not offer it) say so in
 * words.
 */
export const remoteApi = {
  /** Names without the registry's; UNSUPPORTED where the registry does not list them (most public ones). */
  repositories: method({
    params: z.object({ registry: z.string().min(1).max(300), ...page }),
    result: z.object({ names: z.array(z.string()), next: z.string().optional() }),
    progress: none,
  }),
  tags: method({
    params: z.object({ repository: ref, ...page }),
    result: z.object({ tags: z.array(z.string()), next: z.string().optional() }),
    progress: none,
  }),
  tagDetail: method({ params: z.object({ ref }), result: tagDetailSchema, progress: none }),
  remoteImage: method({
    params: z.object({ ref, platform: platformSchema.optional() }),
    result: remoteImageSchema,
    progress: none,
  }),
  /** By the referrers API, else by the tag that stands in for it. */
  referrers: method({
    params: z.object({ ref, artifactType: z.string().max(300).optional() }),
    result: z.object({ subject: digestSchema, referrers: z.array(referrerSchema) }),
    progress: none,
  }),
  /** What `images.push` with the same parameters would do now. Sends nothing. */
  pushPreview: method({
    params: z.object({
      ref,
      target: ref.optional(),
      allPlatforms: z.boolean().optional(),
      platform: platformSchema.optional(),
    }),
    result: pushPreviewSchema,
    progress: none,
  }),
  /** Removes a tag (`name:tag`), or a manifest with every tag that points at it (`name@digest`). */
  deleteRemote: method({
    params: z.object({ ref }),
    result: z.object({ deleted: z.enum(['tag', 'manifest']), name: z.string() }),
    progress: none,
  }),
};
