import type { SourceLocation } from '../../../contract/errors.ts';
import type { Digest, Platform } from '../../../contract/oci-types.ts';
import type { StageInstruction } from '../../dockerfile/instruction.ts';
import type { Image } from '../../image/image.ts';

/** What FROM, COPY --from or a mount's `from` names. */
export type StageSource =
  | { readonly kind: 'scratch' }
  | { readonly kind: 'stage'; readonly index: number }
  | {
      readonly kind: 'image';
      readonly reference: string;
      /** What the name stands for: the image's manifest, or an image index with it. */
      readonly digest: Digest;
      /** Its layers may still be on their way. */
      readonly image: Image;
    }
  /** A named build context that is a folder. */
  | { readonly kind: 'folder'; readonly name: string };

export interface PlannedInstruction {
  readonly instruction: StageInstruction;
  /** Of the Dockerfile: a trigger of ONBUILD has that of the FROM that fired it. */
  readonly location: SourceLocation;
  /** The id of its step when it makes a layer, else of the step before it. */
  readonly step: string;
  readonly isTrigger: boolean;
}

/** A stage with everything in it that names something resolved. */
export interface PlannedStage {
  readonly index: number;
  /** In lower case. */
  readonly name: string | undefined;
  readonly base: StageSource;
  readonly platform: Platform;
  readonly location: SourceLocation;
  readonly instructions: readonly PlannedInstruction[];
  /** By `sourceKey`. */
  readonly sources: ReadonlyMap<string, StageSource>;
  /** Stages that must be done before or while this one runs. */
  readonly dependsOn: ReadonlySet<number>;
}

export interface BuildPlan {
  /** The stages that the target needs, by index. */
  readonly stages: ReadonlyMap<number, PlannedStage>;
  readonly target: PlannedStage;
}
