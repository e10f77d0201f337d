import { z } from 'zod';
import { method } from './method.ts';
import { digestSchema, instantSchema } from './oci-types.ts';

/** A layer that the build cache knows. */
export const cacheEntrySchema = z.object({
  /** The layer's digest. */
  id: digestSchema,
  /** The instruction that made it. */
  description: z.string(),
  sizeBytes: z.number(),
  /** What removing it frees now: 0 when something else needs the layer too. */
  freesBytes: z.number(),
  createdAt: instantSchema,
  lastUsedAt: instantSchema,
  /** How often it spared a build the work. */
  hits: z.number(),
  /** Images that have the layer: tags, or the digest of an image without one. */
  images: z.array(z.string()),
  /** A running build or the tags' recent history needs it. */
  inUse: z.boolean(),
});
export type CacheEntry = Readonly<z.output<typeof cacheEntrySchema>>;

/** A folder that RUN --mount=type=cache keeps between builds. */
export const cacheMountSchema = z.object({
  id: z.string(),
  /** Its id in the Dockerfile, or where it is mounted. */
  name: z.string(),
  sizeBytes: z.number(),
  lastUsedAt: instantSchema,
  /** A command has it mounted now: then it stays. */
  inUse: z.boolean(),
});
export type CacheMount = Readonly<z.output<typeof cacheMountSchema>>;

/**
 * How much of what only the cache needs is kept, layers and cache mounts together; null for no limit. Images' layers
 * are never counted, and a mount that a command uses is counted but stays.
 */
export const cacheLimitsSchema = z.object({
  maxBytes: z.number().int().nonnegative().nullable(),
  /** How long after its last use. */
  maxAgeMs: z.number().int().nonnegative().nullable(),
});
export type CacheLimits = Readonly<z.output<typeof cacheLimitsSchema>>;

export const cacheRemovedSchema = z.object({
  /** Layers that the cache does not know any more, and mounts that are gone. */
  entries: z.number(),
  /** Exactly what was (or with dryRun would be) freed on disk. */
  freedBytes: z.number(),
});
export type CacheRemoved = Readonly<z.output<typeof cacheRemovedSchema>>;

const none = z.never();

export const cacheApi = {
  /**
   * Last used first. `otherBytes` are indexes and notes; with the mounts and the layers that no image has they are
   * `diskUsage`'s cacheBytes.
   */
  list: method({
    params: z.object({}),
    result: z.object({
      entries: z.array(cacheEntrySchema),
      mounts: z.array(cacheMountSchema),
      otherBytes: z.number(),
    }),
    progress: none,
  }),
  /**
   * Forgets these layers, and removes those that nothing else needs; removes these mounts, as far as no command uses
   * them. Ids that are gone are passed over.
   */
  remove: method({
    params: z.object({
      ids: z.array(digestSchema).default([]),
      mounts: z.array(z.string()).default([]),
    }),
    result: cacheRemovedSchema,
    progress: none,
  }),
  /** Removes what only the cache needs, mounts that no command uses too: all of it, or what is above these limits. */
  prune: method({
    params: z.object({
      maxBytes: z.number().nonnegative().optional(),
      maxAgeMs: z.number().nonnegative().optional(),
      dryRun: z.boolean().default(false),
    }),
    result: cacheRemovedSchema,
    progress: none,
  }),
  /** The limits that hold after each build; `isDefault` where the user never set any. */
  limits: method({
    params: z.object({}),
    result: cacheLimitsSchema.extend({ isDefault: z.boolean() }),
    progress: none,
  }),
  /** Keeps limits for all later builds; without any, the defaults hold again. */
  setLimits: method({
    params: z.object({ limits: cacheLimitsSchema.optional() }),
    result: cacheLimitsSchema.extend({ isDefault: z.boolean() }),
    progress: none,
  }),
};
