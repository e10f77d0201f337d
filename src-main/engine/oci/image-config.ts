import { z } from 'zod';
import { digestSchema } from '../../contract/oci-types.ts';
import { EngineError } from '../../contract/errors.ts';
import { parseDocument } from './parse-document.ts';

const strings = z.array(z.string()).nullish();
const set = z.record(z.string(), z.unknown()).nullish();

/** A document that was read has numbers only; what a build has computed may be too large to be exact as one. */
const integer = z.union([z.number(), z.bigint()]).optional();

/** image-spec, config.md, and Docker's additions (Healthcheck, OnBuild, Shell, ArgsEscaped). */
export const containerConfigSchema = z.looseObject({
  User: z.string().optional(),
  ExposedPorts: set,
  Env: strings,
  Entrypoint: strings,
  Cmd: strings,
  Volumes: set,
  WorkingDir: z.string().optional(),
  Labels: z.record(z.string(), z.string()).nullish(),
  StopSignal: z.string().optional(),
  Shell: strings,
  OnBuild: strings,
  ArgsEscaped: z.boolean().optional(),
  /** Durations in nanoseconds, as Docker writes them. */
  Healthcheck: z
    .looseObject({
      Test: strings,
      Interval: integer,
      Timeout: integer,
      StartPeriod: integer,
      StartInterval: integer,
      Retries: z.number().optional(),
    })
    .nullish(),
});
export type ContainerConfig = Readonly<z.output<typeof containerConfigSchema>>;

export const historyEntrySchema = z.looseObject({
  created: z.string().optional(),
  created_by: z.string().optional(),
  author: z.string().optional(),
  comment: z.string().optional(),
  empty_layer: z.boolean().optional(),
});
export type HistoryEntry = Readonly<z.output<typeof historyEntrySchema>>;

const imageConfigSchema = z.looseObject({
  created: z.string().nullish(),
  author: z.string().optional(),
  architecture: z.string(),
  os: z.string(),
  variant: z.string().optional(),
  'os.version': z.string().optional(),
  'os.features': z.array(z.string()).optional(),
  config: containerConfigSchema.nullish(),
  rootfs: z.looseObject({
    type: z.literal('layers'),
    diff_ids: z
      .array(digestSchema)
      .max(10_000)
      .nullable()
      .transform((ids) => ids ?? []),
  }),
  history: z.array(historyEntrySchema).max(10_000).nullish(),
});
export type ImageConfig = Readonly<z.output<typeof imageConfigSchema>>;

/** Parses an image config's bytes (image-spec, config.md). */
export function parseImageConfig(bytes: Uint8Array): ImageConfig {
  const parsed = imageConfigSchema.safeParse(parseDocument(bytes, 'image config'));
  if (parsed.success) return parsed.data;
  throw new EngineError('CORRUPT', `not an image config: ${z.prettifyError(parsed.error)}`);
}
