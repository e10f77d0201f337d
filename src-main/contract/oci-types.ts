import { z } from 'zod';

/** A digest of stored bytes, `sha256:` and 64 hex digits or `sha512:` and 128 (image-spec, descriptor.md). */
export type Digest = `sha256:${string}` | `sha512:${string}`;

export const DIGEST_PATTERN = /^(?:sha256:[0-9a-f]{64}|sha512:[0-9a-f]{128})$/;

export const digestSchema = z.custom<Digest>(
  (value) => typeof value === 'string' && DIGEST_PATTERN.test(value),
  'not a digest: sha256: and 64 hex digits expected',
);

/** os/architecture/variant (image-spec, image-index.md). */
export const platformSchema = z.object({
  os: z.string(),
  architecture: z.string(),
  variant: z.string().optional(),
});
export type Platform = Readonly<z.output<typeof platformSchema>>;

/** An instant as RFC 3339 text. */
export const instantSchema = z.string();

/** How far one blob of a pull or push has come. */
export const blobProgressSchema = z.object({
  digest: digestSchema,
  bytes: z.number(),
  totalBytes: z.number(),
  /** `there`: it was before. `retrying`: the note says why, and when the next try follows. */
  state: z.enum(['waiting', 'there', 'transferring', 'verifying', 'done', 'retrying']),
  note: z.string().optional(),
});
export type BlobProgress = Readonly<z.output<typeof blobProgressSchema>>;

/** What moves while bytes or entries are worked through; rates are per second. */
export const transferProgressSchema = z.object({
  what: z.string(),
  bytes: z.number().optional(),
  totalBytes: z.number().optional(),
  entries: z.number().optional(),
  totalEntries: z.number().optional(),
  /** Over the last seconds. */
  bytesPerSecond: z.number().optional(),
  secondsLeft: z.number().optional(),
  /** What it waits for, for a person: `rate limited by docker.io, next try in 12 s`. */
  note: z.string().optional(),
  /** Of a pull or push: its blobs in the image's order. */
  layers: z.array(blobProgressSchema).optional(),
});
export type TransferProgress = Readonly<z.output<typeof transferProgressSchema>>;

/** What a registry says of how much more may be pulled. */
export const rateLimitSchema = z.object({
  limit: z.number(),
  remaining: z.number(),
  /** The time that both are for; 0 when it is not said. */
  windowSeconds: z.number(),
});
export type RateLimit = Readonly<z.output<typeof rateLimitSchema>>;

/** A range in a Dockerfile: lines and columns count from 1, the end column is exclusive. */
export const sourceLocationSchema = z.object({
  file: z.string(),
  line: z.number(),
  column: z.number(),
  endLine: z.number(),
  endColumn: z.number(),
});
