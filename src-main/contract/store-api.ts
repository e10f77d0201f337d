import { z } from 'zod';
import { method } from './method.ts';
import { digestSchema, platformSchema, transferProgressSchema } from './oci-types.ts';

export const engineStatusSchema = z.object({
  version: z.string(),
  root: z.string(),
  platform: platformSchema,
  /** Whether RUN works here, with what, and what to install if not. */
  sandbox: z.object({ available: z.boolean(), runtime: z.string().optional(), hint: z.string().optional() }),
  runningBuilds: z.number(),
});
export type EngineStatus = Readonly<z.output<typeof engineStatusSchema>>;

/** Bytes on disk, each file counted once; the parts add up to `totalBytes`. */
export const diskUsageSchema = z.object({
  imageBytes: z.number(),
  cacheBytes: z.number(),
  snapshotBytes: z.number(),
  /** Records of builds. */
  recordBytes: z.number(),
  otherBytes: z.number(),
  totalBytes: z.number(),
  reclaimableBytes: z.number(),
  images: z.number(),
  blobs: z.number(),
  freeBytes: z.number(),
});
export type DiskUsage = Readonly<z.output<typeof diskUsageSchema>>;

export const pruneResultSchema = z.object({
  blobs: z.number(),
  images: z.number(),
  cacheRecords: z.number(),
  snapshots: z.number(),
  /** Records of builds beyond their bounds, and damaged ones. */
  buildRecords: z.number(),
  /** Exactly what was (or with dryRun would be) freed on disk. */
  freedBytes: z.number(),
});
export type PruneResult = Readonly<z.output<typeof pruneResultSchema>>;

export const verifyResultSchema = z.object({
  checkedBlobs: z.number(),
  checkedBytes: z.number(),
  broken: z.array(z.object({ digest: digestSchema, problem: z.string(), usedBy: z.array(z.string()) })),
  /** Records of builds that cannot be read; nothing else needs them. */
  brokenRecords: z.array(z.object({ id: z.string(), problem: z.string() })),
});
export type VerifyResult = Readonly<z.output<typeof verifyResultSchema>>;

const none = z.never();

export const storeApi = {
  status: method({ params: z.object({}), result: engineStatusSchema, progress: none }),
  diskUsage: method({ params: z.object({}), result: diskUsageSchema, progress: none }),
  /** Frees what nothing points at any more. With dryRun only counts. `graceMs` overrides the tag history's grace. */
  prune: method({
    params: z.object({
      dryRun: z.boolean().default(false),
      cache: z.boolean().default(true),
      graceMs: z.number().nonnegative().optional(),
    }),
    result: pruneResultSchema,
    progress: transferProgressSchema,
  }),
  /** Re-hashes every stored blob, or only those given. */
  verify: method({
    params: z.object({ digests: z.array(digestSchema).optional() }),
    result: verifyResultSchema,
    progress: transferProgressSchema,
  }),
};
