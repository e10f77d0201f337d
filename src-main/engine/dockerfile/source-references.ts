import type { SourceLocation } from '../../contract/errors.ts';
import type { Stage } from './dockerfile.ts';
import { findCopySource, findStage } from './find-stage.ts';
import type { RunInstruction, StageInstruction } from './instruction.ts';

/** What an instruction reads from elsewhere than the build context: a stage, an image or a named context. */
export interface SourceReference {
  readonly from: string;
  /** A number means a stage: COPY counts stages, a mount does not. */
  readonly numbered: boolean;
  readonly location: SourceLocation;
}

/** The references of COPY --from and of the `from` of mounts, in the order in which they are written. */
export function sourceReferences(instruction: StageInstruction): readonly SourceReference[] {
  if (instruction.kind === 'copy' && instruction.from !== undefined) {
    const { text, location } = instruction.from;
    return [{ from: text, numbered: true, location }];
  }
  return instruction.kind === 'run' ? mountReferences(instruction) : [];
}

function mountReferences(instruction: RunInstruction): readonly SourceReference[] {
  return instruction.mounts
    .map((mount) => mount.fields.findLast((field) => field.key === 'from'))
    .flatMap((field) =>
      field?.value ? [{ from: field.value, numbered: false, location: field.valueLocation }] : [],
    );
}

/** The stage that a reference means, if it means one. */
export function findReferencedStage(
  stages: readonly Stage[],
  { from, numbered }: Pick<SourceReference, 'from' | 'numbered'>,
): Stage | undefined {
  return numbered ? findCopySource(stages, from) : findStage(stages, from);
}
