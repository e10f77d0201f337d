import { z } from 'zod';
import { digestSchema, type Digest } from '../../../contract/oci-types.ts';
import type { Store } from '../../store/store.ts';
import { stepInputsSchema, type FileVersions } from './step-inputs.ts';

const STEPS = 'build-steps';
const FILES = 'build-files';
const VERSION = 1;

const stepRecordSchema = z.object({
  stage: z.string(),
  keyword: z.string(),
  /** The instruction as it stands in the Dockerfile. */
  written: z.string(),
  line: z.number(),
  /** The cache key; for FROM the base image's digest. */
  key: digestSchema.optional(),
  /** Stands for what the step's layer holds. */
  content: digestSchema.optional(),
  inputs: stepInputsSchema.optional(),
  /** The record that lists its files. */
  files: digestSchema.optional(),
  /** How long it took when it last ran. */
  ranMs: z.number().optional(),
  /** It did not come to its end. */
  failed: z.boolean().optional(),
});

/** A step of an earlier build, as an explanation or a forecast looks back at it. */
export type StepRecord = Readonly<z.output<typeof stepRecordSchema>>;

const recordSchema = z.object({ version: z.literal(VERSION), steps: z.array(stepRecordSchema) });

/** The steps of the last build of that name; undefined when there was none, or nothing is known of it any more. */
export function readStepRecords(store: Store, key: string): readonly StepRecord[] | undefined {
  const record = store.records.get(STEPS, key);
  if (record === undefined) return undefined;
  return recordSchema.safeParse(JSON.parse(Buffer.from(record).toString())).data?.steps;
}

export function writeStepRecords(store: Store, key: string, steps: readonly StepRecord[]): void {
  store.records.put(STEPS, key, Buffer.from(JSON.stringify({ version: VERSION, steps })));
}

export function readFileVersions(store: Store, key: Digest): FileVersions | undefined {
  const record = store.records.get(FILES, key);
  if (record === undefined) return undefined;
  const parts = Buffer.from(record).toString().split('\0');
  return new Map(parts.flatMap((path, at) => (at % 2 === 0 ? [[path, parts[at + 1] ?? ''] as const] : [])));
}

export function writeFileVersions(store: Store, key: Digest, files: FileVersions): void {
  store.records.put(FILES, key, Buffer.from(Array.from(files).flat().join('\0')));
}

export function removeFileVersions(store: Store, keys: readonly Digest[]): void {
  for (const key of keys) store.records.delete(FILES, key);
}
