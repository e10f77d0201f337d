import type { Digest } from '../../../contract/oci-types.ts';
import type { SourceLocation } from '../../../contract/errors.ts';
import type { CopyJob } from '../draft/apply-copy.ts';
import type { SourceNode, SourceTree } from '../source/source-tree.ts';
import type { ModeChange } from '../../dockerfile/parse-chmod.ts';

/** An archive whose entries go into the destination. */
export interface UnpackJob {
  readonly tree: SourceTree;
  readonly archive: SourceNode;
  readonly destination: string;
}

export type CopyTask =
  { readonly kind: 'copy'; readonly job: CopyJob } | { readonly kind: 'unpack'; readonly job: UnpackJob };

/** The parts of COPY and ADD that an error may be about when all sources are found. */
export interface CopyPlaces {
  readonly chown: SourceLocation;
  readonly destination: SourceLocation;
}

/** COPY or ADD with every word expanded and every source found. */
export interface CopyRequest {
  /** Called at most once, and not at all where the keys of the copy are recalled. */
  readonly findTasks: () => Promise<readonly CopyTask[]>;
  /** What the tasks are found by, when all of them read one tree of this revision: equal, they are the same copy. */
  readonly asked?: { readonly revision: Digest; readonly words: readonly unknown[] } | undefined;
  readonly link: boolean;
  readonly chown: string | undefined;
  readonly chmod: ModeChange | undefined;
  readonly chmodText: string | undefined;
  /** Where its owner and its destination are written, for errors; undefined for a FROM. */
  readonly places?: CopyPlaces | undefined;
  /** As it stands in the Dockerfile, and the stage that it copies from: for explanations. */
  readonly written: string;
  readonly fromStage?: number | undefined;
  /** The working folder, where the destination is below it. */
  readonly workdir?: string | undefined;
  /** For the image's history. */
  readonly historyText: string;
}
