import { z } from 'zod';
import { buildFailureSchema, buildIdSchema, recordedStageSchema } from '../../contract/build-records-api.ts';
import { buildEventSchema, buildRequestSchema, buildResultSchema } from '../../contract/builds-api.ts';
import { digestSchema, instantSchema, platformSchema } from '../../contract/oci-types.ts';
import { parseJson } from '../parse-json.ts';

/**
 * A build record is a file of JSON lines: the head, then what happened in the order in which it did, then the end. A
 * line is complete or was never written; a file without an end is a build that runs or was interrupted. An exported
 * record (`.varvebuild`) is the same file, without `process`, as one gzip member.
 */
const RECORD_VERSION = 1;

export const headSchema = z.object({
  /** The version of the form. A reader refuses greater ones; lines of an unknown type it passes over. */
  varveBuild: z.literal(RECORD_VERSION),
  id: buildIdSchema,
  startedAt: instantSchema,
  /** Which process writes it; absent once it has been exported. */
  process: z.string().optional(),
  importedAt: instantSchema.optional(),
  varve: z.string(),
  host: platformSchema,
  request: buildRequestSchema,
});
export type RecordHead = Readonly<z.output<typeof headSchema>>;

/** Milliseconds since the build began. */
const t = z.number().nonnegative();

export const lineSchema = z.discriminatedUnion('type', [
  z.object({
    t,
    type: z.literal('dockerfile'),
    path: z.string(),
    file: z.string(),
    text: z.string(),
  }),
  z.object({ t, type: z.literal('stages'), stages: z.array(recordedStageSchema) }),
  z.object({ t, type: z.literal('read'), step: z.string(), digest: digestSchema }),
  z.object({ t, type: z.literal('event'), event: buildEventSchema }),
  z.object({
    t,
    type: z.literal('end'),
    status: z.enum(['succeeded', 'failed', 'cancelled']),
    steps: z.object({ total: z.number(), ran: z.number(), cached: z.number() }),
    result: buildResultSchema.optional(),
    error: buildFailureSchema.optional(),
  }),
]);
export type RecordLine = Readonly<z.output<typeof lineSchema>>;

/** What a line says without the time at which it came. */
export type RecordEntry = RecordLine extends infer Line
  ? Line extends unknown
    ? Omit<Line, 't'>
    : never
  : never;

/** How a line begins that holds what a step printed: the bulk of a file is told from the rest without parsing it. */
const OUTPUT = /^\{"t":\d+,"type":"event","event":\{"type":"step-output"/;

export function isOutputLine(line: string): boolean {
  return OUTPUT.test(line);
}

/** What such a line holds, without the care that is taken of others: a log can be all of a file. */
export function parseOutputLine(text: string): { readonly step: string; readonly text: string } | undefined {
  const parsed = parseJson(text) as { event?: { step?: unknown; text?: unknown } } | undefined;
  const { step, text: printed } = parsed?.event ?? {};
  return typeof step === 'string' && typeof printed === 'string' ? { step, text: printed } : undefined;
}

export function formatLine(atMs: number, entry: RecordEntry): string {
  return `${JSON.stringify({ t: Math.max(0, Math.round(atMs)), ...entry })}\n`;
}

/** The line, or undefined for one that is damaged or of a later Varve. */
export function parseLine(text: string): RecordLine | undefined {
  const parsed = lineSchema.safeParse(parseJson(text));
  return parsed.success ? parsed.data : undefined;
}

/** The head, `newer` for one of a later Varve, or undefined when it is none. */
export function parseHead(text: string): RecordHead | 'newer' | undefined {
  const value = parseJson(text);
  const parsed = headSchema.safeParse(value);
  if (parsed.success) return parsed.data;
  const later = z.object({ varveBuild: z.number().int().gt(RECORD_VERSION) }).safeParse(value);
  return later.success ? 'newer' : undefined;
}

export function createHead(fields: Omit<RecordHead, 'varveBuild'>): RecordHead {
  return { varveBuild: RECORD_VERSION, ...fields };
}
