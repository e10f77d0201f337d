import { z } from 'zod';
import { method } from './method.ts';
import { digestSchema, transferProgressSchema } from './oci-types.ts';

export const fileTypeSchema = z.enum(['file', 'directory', 'symlink', 'hardlink', 'char', 'block', 'fifo']);

/** What a layer did to a path; in a whole image everything is unmodified. */
export const changeSchema = z.enum(['unmodified', 'added', 'modified', 'removed']);
export type Change = z.output<typeof changeSchema>;

export const fileRowSchema = z.object({
  /** Absolute path inside the image, `/` first. */
  path: z.string(),
  name: z.string(),
  type: fileTypeSchema,
  change: changeSchema,
  mode: z.number(),
  uid: z.number(),
  gid: z.number(),
  /** Content bytes of a file; for a folder the sum below it (what the layer itself brought, in a layer's view). */
  sizeBytes: z.number(),
  /** Seconds since 1970. */
  mtime: z.number(),
  link: z.string().optional(),
  /** Number of direct children, for a folder. */
  children: z.number(),
  /** Position of the layer that the bytes come from. */
  layer: z.number(),
  digest: digestSchema.optional(),
});
export type FileRow = Readonly<z.output<typeof fileRowSchema>>;

const where = {
  ref: z.string().min(1),
  /** Position of a layer: its changes only. Absent: the whole image. */
  layer: z.number().int().nonnegative().optional(),
};

/** The files of an image or of one of its layers. Paths are resolved inside the image, never on the host. */
export const filesApi = {
  /** Children of one folder in name order, folders first. */
  children: method({
    params: z.object({
      ...where,
      path: z.string(),
      offset: z.number().int().nonnegative().default(0),
      limit: z.number().int().positive().max(10_000).default(1000),
    }),
    result: z.object({ rows: z.array(fileRowSchema), total: z.number() }),
    progress: transferProgressSchema,
  }),
  /** Paths that contain `query`, ignoring case, in path order. */
  search: method({
    params: z.object({ ...where, query: z.string().min(1), limit: z.number().int().positive().max(10_000) }),
    result: z.object({ rows: z.array(fileRowSchema), truncated: z.boolean() }),
    progress: transferProgressSchema,
  }),
  /** A piece of a file; symbolic links are followed inside the image. */
  read: method({
    params: z.object({
      ...where,
      path: z.string(),
      offset: z.number().int().nonnegative().default(0),
      length: z.number().int().positive().max(1_048_576).default(65_536),
    }),
    result: z.object({ base64: z.string(), sizeBytes: z.number(), isText: z.boolean() }),
    progress: transferProgressSchema,
  }),
  /** Every path that differs between two images, in path order. */
  compare: method({
    params: z.object({ from: z.string().min(1), to: z.string().min(1) }),
    result: z.array(
      z.object({ path: z.string(), change: changeSchema, type: fileTypeSchema, sizeBytes: z.number() }),
    ),
    progress: transferProgressSchema,
  }),
};
