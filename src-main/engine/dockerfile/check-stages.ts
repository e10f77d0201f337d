import type { EngineError } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import { findCopySource } from './find-stage.ts';
import type { CopyInstruction } from './instruction.ts';

/** References between stages that no build can follow, whatever its arguments. */

function checkFrom(stages: readonly Stage[], stage: Stage, copy: CopyInstruction): EngineError | undefined {
  if (copy.from === undefined) return undefined;
  const { text, location } = copy.from;
  const source = findCopySource(stages, text);
  if (source === undefined && /^[+-]?\d+$/.test(text)) {
    const hint = `There are ${stages.length} stages, counted from 0.`;
    return dockerfileError(`no stage has the number ${text}`, location, hint);
  }
  if (source === undefined || source.index < stage.index) return undefined;
  if (source.index === stage.index) {
    return dockerfileError(`circular dependency: the stage copies from itself (${text})`, location);
  }
  const hint = 'Move that stage above this one.';
  return dockerfileError(`cannot copy from stage ${text}: it is defined later`, location, hint);
}

/** Copies from stages that do not exist, come later, or are the stage itself. */
export function* checkStageReferences(dockerfile: Dockerfile): Generator<EngineError> {
  for (const stage of dockerfile.stages) {
    for (const instruction of stage.instructions) {
      const error =
        instruction.kind === 'copy' ? checkFrom(dockerfile.stages, stage, instruction) : undefined;
      if (error !== undefined) yield error;
    }
  }
}
