import { z } from 'zod';
import {
  baseSchema,
  buildEventSchema,
  buildRequestSchema,
  buildResultSchema,
  buildStepSchema,
  reasonSchema,
  warningSchema,
} from './builds-api.ts';
import { ERROR_CODES } from './errors.ts';
import { method } from './method.ts';
import { digestSchema, instantSchema, platformSchema, sourceLocationSchema } from './oci-types.ts';

/** Names one build for good, also on other machines; later builds have greater ids. */
export const buildIdSchema = z
  .string()
  .regex(/^[0-9a-z]{16}$/, 'not the id of a build: 16 letters and digits');

export const buildStatusSchema = z.enum(['running', 'succeeded', 'failed', 'cancelled', 'interrupted']);
/** `interrupted`: the process went away without ending the build. */
export type BuildStatus = z.output<typeof buildStatusSchema>;

/** How a build failed. */
export const buildFailureSchema = z.object({
  code: z.enum(ERROR_CODES),
  message: z.string(),
  hint: z.string().optional(),
  location: sourceLocationSchema.optional(),
  excerpt: z.string().optional(),
});
export type BuildFailure = Readonly<z.output<typeof buildFailureSchema>>;

/** What a list of builds shows of one. */
export const buildSummarySchema = z.object({
  id: buildIdSchema,
  status: buildStatusSchema,
  /** What to call it: its first tag, else the folder it was built from; with the target where one was asked for. */
  name: z.string(),
  tags: z.array(z.string()),
  /** The build context: a path, or the address that it was fetched from. */
  context: z.string(),
  target: z.string().optional(),
  startedAt: instantSchema,
  /** How long it took, or for a build that runs has taken so far. */
  durationMs: z.number(),
  steps: z.object({ total: z.number(), ran: z.number(), cached: z.number() }),
  digest: digestSchema.optional(),
  failure: z.string().optional(),
  /** It came from a file: it was built elsewhere. */
  isImported: z.boolean(),
  /** What the record takes on disk. */
  sizeBytes: z.number(),
});
export type BuildSummary = Readonly<z.output<typeof buildSummarySchema>>;

/** A stage of the Dockerfile, and what it is made from. */
export const recordedStageSchema = z.object({
  index: z.number(),
  name: z.string().optional(),
  /** What FROM names; `digest` when it is an image that the build needed. */
  base: baseSchema.extend({ digest: digestSchema.optional() }),
  /** The stages that it needs, and for what. */
  needs: z.array(z.object({ stage: z.number(), by: z.enum(['from', 'copy', 'mount']) })),
  isNeeded: z.boolean(),
  isTarget: z.boolean(),
  location: sourceLocationSchema,
});
export type RecordedStage = Readonly<z.output<typeof recordedStageSchema>>;

/** A step of the plan, and what became of it. Times are milliseconds since the build began. */
export const recordedStepSchema = buildStepSchema.extend({
  startMs: z.number().optional(),
  endMs: z.number().optional(),
  /** Absent for a step that was not reached; `running` also for what an interrupted build was at. */
  outcome: z.enum(['running', 'ran', 'cached', 'failed', 'cancelled']).optional(),
  layer: z.object({ digest: digestSchema, sizeBytes: z.number() }).optional(),
  reason: reasonSchema.optional(),
});
export type RecordedStep = Readonly<z.output<typeof recordedStepSchema>>;

/** Everything about one build but what its steps printed. */
export const buildRecordSchema = buildSummarySchema.extend({
  /** The Varve that built it, and where. */
  varve: z.string(),
  host: platformSchema,
  /** As it was asked for, without the Dockerfile's text and without the values of secrets. */
  request: buildRequestSchema,
  dockerfile: z.object({ path: z.string(), file: z.string(), text: z.string() }).optional(),
  /** Over all files that the build read of its contexts, as the cache keys see them; absent while unknown. */
  contextDigest: digestSchema.optional(),
  stages: z.array(recordedStageSchema),
  steps: z.array(recordedStepSchema),
  warnings: z.array(warningSchema),
  result: buildResultSchema.optional(),
  error: buildFailureSchema.optional(),
});
export type BuildRecord = Readonly<z.output<typeof buildRecordSchema>>;

/** A line of two texts beside each other; its number in each that has it. */
export const comparedLineSchema = z.object({
  text: z.string(),
  before: z.number().optional(),
  after: z.number().optional(),
});
export type ComparedLine = Readonly<z.output<typeof comparedLineSchema>>;

export const comparisonSchema = z.object({
  a: buildSummarySchema,
  b: buildSummarySchema,
  /** Everything that went in, by name; a value is absent where it was not given. */
  inputs: z.array(
    z.object({ name: z.string(), before: z.string().optional(), after: z.string().optional() }),
  ),
  /** The Dockerfiles line by line; `before` alone is a line that went, `after` alone one that came. */
  dockerfile: z.array(comparedLineSchema),
  steps: z.array(
    z.object({
      stage: z.string(),
      instruction: z.string(),
      before: recordedStepSchema.optional(),
      after: recordedStepSchema.optional(),
    }),
  ),
});
export type BuildComparison = Readonly<z.output<typeof comparisonSchema>>;

const id = buildIdSchema;
const none = z.never();

/**
 * Every build that ran on this store, whichever process ran it. Records are kept within bounds of number, age and
 * size, and losing them loses nothing else.
 */
export const buildRecordsApi = {
  /** Newest first. `search` looks at tags, paths, arguments, the Dockerfile and all that was printed. */
  list: method({
    params: z.object({
      search: z.string().max(1000).optional(),
      status: z.array(buildStatusSchema).optional(),
      limit: z.number().int().min(1).max(5000).default(200),
      /** Only builds that began before this one. */
      before: id.optional(),
    }),
    result: z.object({ builds: z.array(buildSummarySchema), more: z.boolean() }),
    progress: none,
  }),
  /** NOT_FOUND when there is none of that id. */
  get: method({ params: z.object({ id }), result: buildRecordSchema, progress: none }),
  /**
   * The events from a place in the log on, as many as are there but not more than about a megabyte. Ask again from
   * `next` until `isComplete`; of a build that runs more comes later. `atMs` counts from the build's beginning.
   */
  log: method({
    params: z.object({ id, from: z.number().int().nonnegative().default(0) }),
    result: z.object({
      events: z.array(z.object({ atMs: z.number(), event: buildEventSchema })),
      next: z.number(),
      isComplete: z.boolean(),
    }),
    progress: none,
  }),
  compare: method({ params: z.object({ a: id, b: id }), result: comparisonSchema, progress: none }),
  /** Ids that are not there count as removed; CONFLICT for a build that runs. */
  remove: method({ params: z.object({ ids: z.array(id) }), result: z.object({}), progress: none }),
  /** Writes one file (`.varvebuild`) that `open` reads on any machine. CONFLICT for a build that runs. */
  export: method({
    params: z.object({ id, destination: z.string().min(1) }),
    result: z.object({ sizeBytes: z.number() }),
    progress: none,
  }),
  /** Takes over a record that `export` wrote; one that is here already is only answered. */
  open: method({
    params: z.object({ source: z.string().min(1) }),
    result: buildSummarySchema,
    progress: none,
  }),
};
