import { z } from 'zod';
import { method } from './method.ts';
import {
  digestSchema,
  instantSchema,
  platformSchema,
  sourceLocationSchema,
  transferProgressSchema,
} from './oci-types.ts';

const named = z.record(z.string(), z.string());

/** What a process may use of something, by the kernel's names without RLIMIT_; -1 is no limit. */
export const ulimitSchema = z.object({
  name: z.enum([
    'core',
    'cpu',
    'data',
    'fsize',
    'locks',
    'memlock',
    'msgqueue',
    'nice',
    'nofile',
    'nproc',
    'rss',
    'rtprio',
    'rttime',
    'sigpending',
    'stack',
  ]),
  soft: z.number().int().min(-1),
  hard: z.number().int().min(-1),
});
export type Ulimit = Readonly<z.output<typeof ulimitSchema>>;

/** What a build is asked for: docker build's words. Paths are absolute. */
export const buildRequestSchema = z.object({
  context: z.string(),
  /** What the person named where that was something else: an address, or - for standard input. */
  contextName: z.string().optional(),
  /**
   * `folder` is one of the user's own, with ignore files; `fetched` a folder that was brought here and is taken whole;
   * `archive` a tar's file, of which owners and devices are kept. The last two need `dockerfileText`.
   */
  contextKind: z.enum(['folder', 'fetched', 'archive']).default('folder'),
  /** The Dockerfile's path; `Dockerfile` in the context when absent. */
  dockerfile: z.string().optional(),
  /** The Dockerfile's text, in place of the file's; `dockerfile` still names it in messages. */
  dockerfileText: z.string().optional(),
  tags: z.array(z.string()).default([]),
  target: z.string().optional(),
  buildArgs: named.default({}),
  labels: named.default({}),
  /** NAME=PATH, NAME=docker-image://REF, NAME=oci-layout://PATH or NAME= a git repository's address. */
  buildContexts: named.default({}),
  secrets: z
    .array(z.object({ id: z.string(), source: z.string().optional(), env: z.string().optional() }))
    .default([]),
  ssh: z.array(z.object({ id: z.string(), paths: z.array(z.string()) })).default([]),
  addHosts: z.array(z.object({ host: z.string(), ip: z.string() })).default([]),
  /** Limits of every RUN's processes. */
  ulimits: z.array(ulimitSchema).default([]),
  /** The size of /dev/shm in RUN; 64 MiB when absent. */
  shmSizeBytes: z.number().int().positive().optional(),
  platform: platformSchema.optional(),
  /** Ask registries what the tags that the Dockerfile names are now, also those that are here. */
  pull: z.boolean().default(false),
  /** Nothing is taken that is older than this build: every step runs anew, or another build has begun it since. */
  noCache: z.boolean().default(false),
  noCacheFilter: z.array(z.string()).default([]),
  /** Caches that other builds wrote, asked after the own one: an OCI layout in a folder, or the same in a tar. */
  cacheFrom: z.array(z.object({ type: z.enum(['local', 'archive']), source: z.string() })).default([]),
  /** Where to write what this build took and made: the image's layers (`min`), or those of all stages (`max`). */
  cacheTo: z
    .array(
      z.object({
        type: z.enum(['local', 'archive']),
        destination: z.string(),
        mode: z.enum(['min', 'max']).default('min'),
      }),
    )
    .default([]),
  network: z.enum(['host', 'none']).default('host'),
  compression: z.enum(['gzip', 'zstd', 'none']).default('gzip'),
  /** Extra destinations beside the store. */
  outputs: z
    .array(z.object({ type: z.enum(['oci', 'docker', 'tar', 'local']), destination: z.string() }))
    .default([]),
  /** Instant for the image's and history's times and for files that COPY takes, seconds since 1970 (SOURCE_DATE_EPOCH). */
  sourceDateEpoch: z.number().optional(),
  /**
   * The same inputs give the same digest on any machine, at any time: no entry of a new layer is younger than
   * `sourceDateEpoch` (0 when absent), and nothing else tells when or where it was made. Layers of the base stay.
   */
  reproducible: z.boolean().default(false),
});
export type BuildRequest = Readonly<z.output<typeof buildRequestSchema>>;
export type BuildRequestInput = Readonly<z.input<typeof buildRequestSchema>>;

/** One instruction that the build will go through. */
export const buildStepSchema = z.object({
  /** Stable within the build: `stage 0 step 3` is `0.3`. */
  id: z.string(),
  /** The stage's name, or its number as text. */
  stage: z.string(),
  /** `[stage 2/5]` counted as BuildKit's plain progress counts. */
  position: z.number(),
  total: z.number(),
  instruction: z.string(),
  /** FROM, COPY, RUN and so on. */
  keyword: z.string(),
  location: sourceLocationSchema,
});
export type BuildStep = Readonly<z.output<typeof buildStepSchema>>;

/** What an explanation is about. */
const causeSchema = z.enum([
  'file',
  'argument',
  'variable',
  /** The text of the instruction itself. */
  'instruction',
  /** What is set elsewhere: USER, WORKDIR, SHELL, `--network`, `--add-host`, the platform. */
  'option',
  'mount',
  'base',
  /** An earlier instruction gave another result. */
  'parent',
]);

/** One thing that differs from the build before; without `before` it is new, without `after` it is gone. */
export const changeSchema = z.object({
  kind: causeSchema,
  /** A path, a variable's name, `--network`, an image, or an earlier instruction with its line. */
  name: z.string(),
  before: z.string().optional(),
  after: z.string().optional(),
});
export type Change = Readonly<z.output<typeof changeSchema>>;

/** Why a step ran, compared with the last build of the same Dockerfile, target and platform. Never a secret's value. */
export const reasonSchema = z.object({
  kind: z.enum([...causeSchema.options, 'first', 'no-cache', 'evicted', 'unknown']),
  /** One line for a reader. */
  text: z.string(),
  /** All that differs, the most telling first, as far as there are not too many; absent when nothing is known to. */
  changes: z.array(changeSchema).optional(),
  /** How many more changes there are. */
  more: z.number().optional(),
  /** The step of this build that brought the change about, where it was another one. */
  step: z.string().optional(),
});
export type Reason = Readonly<z.output<typeof reasonSchema>>;

export const warningSchema = z.object({
  rule: z.string(),
  message: z.string(),
  /** The instruction: docker names its first line. */
  location: sourceLocationSchema,
  /** The part of it that is meant, and its first line as it stands in the file. */
  focus: sourceLocationSchema.optional(),
  excerpt: z.string().optional(),
  url: z.string().optional(),
});
export type Warning = Readonly<z.output<typeof warningSchema>>;

/** An image that a build takes from elsewhere. */
export const baseSchema = z.object({
  /** As it is written. */
  name: z.string(),
  /** What the name stands for: a manifest or an image index. */
  digest: digestSchema,
  /** What it stood for in the build before, where that was something else. */
  before: digestSchema.optional(),
});
export type Base = Readonly<z.output<typeof baseSchema>>;

export const buildEventSchema = z.discriminatedUnion('type', [
  /** The first event of a build: the record that it leaves. */
  z.object({ type: z.literal('record'), id: z.string() }),
  /** A base that has to be pulled is told of in a plan before the whole one, which replaces it. */
  z.object({ type: z.literal('plan'), steps: z.array(buildStepSchema) }),
  z.object({ type: z.literal('warning'), warning: warningSchema }),
  /** What a FROM's name stands for in this build, whatever becomes of its tag. */
  z.object({ type: z.literal('base'), step: z.string(), ...baseSchema.shape }),
  z.object({ type: z.literal('step-start'), step: z.string(), at: instantSchema }),
  z.object({
    type: z.literal('step-output'),
    step: z.string(),
    stream: z.enum(['stdout', 'stderr']),
    /** As the program wrote it, control sequences included; not aligned to lines. */
    text: z.string(),
  }),
  z.object({
    type: z.literal('step-progress'),
    step: z.string(),
    ...transferProgressSchema.shape,
  }),
  z.object({
    type: z.literal('step-end'),
    step: z.string(),
    at: instantSchema,
    outcome: z.enum(['ran', 'cached', 'failed', 'cancelled']),
    durationMs: z.number(),
    layer: z.object({ digest: digestSchema, sizeBytes: z.number() }).optional(),
    reason: reasonSchema.optional(),
  }),
  /** A command failed: the file system as it left it, an image by digest that no list shows. It is kept for a while. */
  z.object({ type: z.literal('failed-root'), step: z.string(), image: digestSchema }),
  /** Something is being written; told again, with amounts, while that goes on. */
  z.object({
    type: z.literal('export'),
    what: z.string(),
    bytes: z.number().optional(),
    totalBytes: z.number().optional(),
    bytesPerSecond: z.number().optional(),
  }),
]);
export type BuildEvent = Readonly<z.output<typeof buildEventSchema>>;

export const buildResultSchema = z.object({
  imageId: digestSchema,
  digest: digestSchema,
  mediaType: z.string(),
  platform: platformSchema,
  tags: z.array(z.string()),
  /** Tags that pointed elsewhere before. */
  moved: z.array(z.object({ name: z.string(), from: digestSchema })),
  /** Each name once, also those that only COPY and mounts name. */
  bases: z.array(baseSchema).default([]),
  sizeBytes: z.number(),
  durationMs: z.number(),
  steps: z.object({ ran: z.number(), cached: z.number() }),
  /** The build's record. */
  record: z.string().optional(),
});
export type BuildResult = Readonly<z.output<typeof buildResultSchema>>;

/** An entry of a layer, and what made the layer. */
export const provedPlaceSchema = z.object({
  /** Counted from 0, from the bottom; absent for a difference of the image's config. */
  layer: z.number().optional(),
  /** Whose layer it is, by name or by its number as text; absent for the image's own. */
  stage: z.string().optional(),
  /** The instruction that made the layer. */
  instruction: z.string().optional(),
  location: sourceLocationSchema.optional(),
  /** The entry of the layer. */
  path: z.string().optional(),
});
export type ProvedPlace = Readonly<z.output<typeof provedPlaceSchema>>;

export const provedChangeSchema = provedPlaceSchema.extend({
  /** `content`, `mtime`, `mode`, `presence`…, or a member of the config: `config.history[2].created`. */
  field: z.string(),
  /** In the first build and in the second; for content the bytes around the first that differs. */
  before: z.string(),
  after: z.string(),
  /** That byte, counted from 0. */
  offset: z.number().optional(),
});
export type ProvedChange = Readonly<z.output<typeof provedChangeSchema>>;

/**
 * Where two builds of the same inputs first differ. What COPY took from another stage is told of where it was made
 * there, which may be several stages away.
 */
export interface ProvedDifference extends ProvedChange {
  /** Each COPY by which it came into the image, the image's own first; absent when it was made in the image. */
  readonly copies?: readonly ProvedPlace[] | undefined;
  /**
   * What differed already when the RUN that made it began, in its stage or in one that its mounts showed: it may stem
   * from there.
   */
  readonly earlier?: ProvedDifference | undefined;
}
export const provedDifferenceSchema: z.ZodType<ProvedDifference> = provedChangeSchema.extend({
  copies: z.array(provedPlaceSchema).optional(),
  earlier: z.lazy(() => provedDifferenceSchema).optional(),
});

export const proveResultSchema = z.object({
  equal: z.boolean(),
  /** Of the first build and of the second. */
  digests: z.tuple([digestSchema, digestSchema]),
  difference: provedDifferenceSchema.optional(),
  /** Images whose name stood for another one in the second build: `before` is what it stood for in the first. */
  moved: z.array(baseSchema).optional(),
});
export type ProveResult = Readonly<z.output<typeof proveResultSchema>>;

/** A change of the text that would mend it; the edits do not overlap, an empty location inserts. */
export const fixSchema = z.object({
  title: z.string(),
  edits: z.array(z.object({ location: sourceLocationSchema, text: z.string() })),
});

/** A problem or a check's warning in a Dockerfile, for the editor. */
export const diagnosticSchema = z.object({
  severity: z.enum(['error', 'warning']),
  /** The check that warns. A warning without one is a note of Varve's own: it fails nothing. */
  rule: z.string().optional(),
  message: z.string(),
  hint: z.string().optional(),
  url: z.string().optional(),
  /** What to underline. */
  location: sourceLocationSchema,
  /** The line that BuildKit names for it: the first of the instruction. */
  instructionLine: z.number(),
  /** The last line of it, where that is another one. */
  instructionEndLine: z.number().optional(),
  /** Mechanical ways to mend it, the likeliest first; absent when there is none. */
  fixes: z.array(fixSchema).optional(),
});
export type Diagnostic = Readonly<z.output<typeof diagnosticSchema>>;

/** What a build context holds. */
export const contextSummarySchema = z.object({
  path: z.string(),
  name: z.string(),
  /** Dockerfiles at the top of the folder, the one that a build takes first; empty when there is none. */
  dockerfiles: z.array(z.string()),
  ignoreFile: z.string().optional(),
  /** What a `COPY . .` would see: files (not folders) and their bytes. */
  files: z.number(),
  bytes: z.number(),
  /** What the ignore file leaves out; whole folders that were not entered count as one, bytes then unknown. */
  ignored: z.object({ entries: z.number(), bytes: z.number(), paths: z.array(z.string()) }),
  /** The largest files of the context, to find what should be ignored. */
  largest: z.array(z.object({ path: z.string(), bytes: z.number() })),
  /** Entries that a build refuses: sockets, FIFOs, devices, unreadable files. */
  refused: z.array(z.object({ path: z.string(), why: z.string() })),
});
export type ContextSummary = Readonly<z.output<typeof contextSummarySchema>>;

/** What a build would do with each of its steps, if nothing changed until then. */
export const forecastRequestSchema = buildRequestSchema.extend({
  /** Reads all that the answer needs, however long that takes: for who asks once and not at each key. */
  thorough: z.boolean().default(false),
});
export type ForecastRequest = Readonly<z.output<typeof forecastRequestSchema>>;

export const forecastSchema = z.object({
  steps: z.array(
    z.object({
      /** As in the build's plan. */
      step: z.string(),
      stage: z.string(),
      instruction: z.string(),
      keyword: z.string(),
      location: sourceLocationSchema,
      /** `unknown` where it depends on what a program will do, or on what is not here. */
      forecast: z.enum(['cached', 'run', 'unknown']),
      /** Why it will run, in the words in which the build will say it; or why it cannot be known. */
      why: reasonSchema.optional(),
      /** How long the step took when it last ran. */
      lastMs: z.number().optional(),
    }),
  ),
  /** Entries of the build context, zero when no step needs it. */
  contextEntries: z.number(),
  /** More is known in a moment: a base that was never looked into is being read. */
  isPartial: z.literal(true).optional(),
  /** Why there is no forecast: the build would be refused. */
  problem: z.object({ message: z.string(), location: sourceLocationSchema.optional() }).optional(),
});
export type Forecast = Readonly<z.output<typeof forecastSchema>>;

const path = z.string().min(1);
const none = z.never();

export const buildsApi = {
  /**
   * Runs one build to its end. Rejects with DOCKERFILE, BUILD_FAILED, SANDBOX_UNAVAILABLE, NOT_FOUND, CANCELLED…
   * and then no tag has moved. Aborting ends every process of the build.
   */
  run: method({ params: buildRequestSchema, result: buildResultSchema, progress: buildEventSchema }),
  /**
   * What a build of this request would take from the cache. Runs nothing, pulls nothing, and reads only what changed
   * and what was never looked into, as far as that is little or the request is `thorough`. Never contradicted by the build that follows: what cannot be known is said to be.
   */
  forecast: method({ params: forecastRequestSchema, result: forecastSchema, progress: none }),
  /**
   * Builds twice from the same inputs, with no cache for what is made and at different times, and tells the first
   * difference. Moves no tag and keeps no image. Rejects as `run` does when a build fails.
   */
  prove: method({
    params: buildRequestSchema,
    result: proveResultSchema,
    progress: z.object({ build: z.union([z.literal(1), z.literal(2)]), event: buildEventSchema }),
  }),
  /** Problems of a Dockerfile's text without building; never rejects for the text's sake. */
  check: method({
    params: z.object({
      text: z.string(),
      /** The Dockerfile's path or name, as messages will show it. */
      file: z.string().default('Dockerfile'),
      /** The build context, for checks that look at its ignore file. */
      context: path.optional(),
      buildArgs: named.default({}),
      target: z.string().optional(),
      platform: platformSchema.optional(),
    }),
    result: z.object({
      diagnostics: z.array(diagnosticSchema),
      stages: z.array(
        z.object({ index: z.number(), name: z.string().optional(), location: sourceLocationSchema }),
      ),
      buildArgs: z.array(z.object({ name: z.string(), default: z.string().optional() })),
      /** Whether a build fails for a check's warning: the text or the build arguments ask for it. */
      warningsAreErrors: z.boolean().optional(),
    }),
    progress: none,
  }),
};

export const contextsApi = {
  /** Walks the folder. INVALID_INPUT when it is none. */
  inspect: method({
    params: z.object({ path, dockerfile: z.string().optional() }),
    result: contextSummarySchema,
    progress: z.object({ entries: z.number() }),
  }),
  /**
   * Tells changes of the folder until the call is aborted, a flood of them some times a second. Answers at once, with
   * `watched` false, when there is too much to watch: then who wants to know looks again now and then.
   */
  watch: method({
    params: z.object({ path }),
    result: z.object({ watched: z.boolean() }),
    progress: z.object({ changed: z.literal(true) }),
  }),
  /** The text of a Dockerfile of this context (`dockerfile` relative to it, or absolute). */
  readDockerfile: method({
    params: z.object({ path, dockerfile: z.string() }),
    result: z.object({ text: z.string(), file: z.string(), modifiedAt: instantSchema }),
    progress: none,
  }),
  /** Replaces the file whole or not at all. CONFLICT when it changed on disk since `modifiedAt`. */
  writeDockerfile: method({
    params: z.object({
      path,
      dockerfile: z.string(),
      text: z.string(),
      modifiedAt: instantSchema.optional(),
    }),
    result: z.object({ modifiedAt: instantSchema }),
    progress: none,
  }),
  /** Folders opened before, newest first, at most 20; ones that are gone are left out. */
  recent: method({
    params: z.object({}),
    result: z.array(z.object({ path: z.string(), name: z.string(), openedAt: instantSchema })),
    progress: none,
  }),
  /** Notes that a folder was opened. */
  remember: method({ params: z.object({ path }), result: z.object({}), progress: none }),
  samples: method({
    params: z.object({}),
    result: z.array(
      z.object({ id: z.string(), title: z.string(), description: z.string(), needsNetwork: z.boolean() }),
    ),
    progress: none,
  }),
  /** Copies a sample project beside the store, once, and answers where it is. */
  openSample: method({
    params: z.object({ id: z.string() }),
    result: z.object({ path: z.string() }),
    progress: none,
  }),
};
