import { z } from 'zod';

const named = z.record(z.string(), z.string());

/** What a step's result depends on, for a reader: names, values as they may be shown, and short digests. */
export const stepInputsSchema = z.object({
  /** The instruction as it is written, here-documents included. */
  written: z.string(),
  /** The same with its variables filled in, where it has any. */
  expanded: z.string(),
  /** Stands for the root file system that the step starts from; the empty one's where it starts from none. */
  parent: z.string(),
  /** Build arguments and variables that the result depends on. */
  arguments: named.default({}),
  variables: named.default({}),
  /** USER, WORKDIR, `--network` and what else is set elsewhere. */
  options: named.default({}),
  /** What RUN's mounts show. */
  mounts: named.default({}),
  /** The stage whose files are copied. */
  fromStage: z.number().optional(),
});

export type StepInputs = Readonly<z.output<typeof stepInputsSchema>>;

/** Files by path, each with what tells one version of it from another (see `describeFile`). */
export type FileVersions = ReadonlyMap<string, string>;

/** What an instruction says of itself. Listing files may take time and is left until someone asks; undefined when their contents are not known. */
export interface ExplainedStep {
  readonly inputs: StepInputs;
  readonly files: () => FileVersions | undefined;
}
