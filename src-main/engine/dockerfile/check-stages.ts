import type { EngineError } from '../../contract/errors.ts';
import { dockerfileError } from './dockerfile-error.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import { findCopySource, findStage } from './find-stage.ts';
import type { CopyInstruction } from './instruction.ts';
import { nearest } from './nearest.ts';

/** References between stages that no build can follow, whatever its arguments. */

function stageNames(stages: readonly Stage[]): readonly string[] {
  return stages.map((stage) => stage.name).filter((name) => name !== undefined);
}

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

/** The stage that is built: the target by name, in any case, or the last one. Throws when there is none. */
export function findTarget(dockerfile: Dockerfile, target: string | undefined): Stage {
  const { stages, file } = dockerfile;
  const found = target === undefined || target === '' ? stages.at(-1) : findStage(stages, target);
  if (found !== undefined) return found;
  const names = stageNames(stages);
  const likely = nearest((target ?? '').toLowerCase(), names);
  const list = names.length === 0 ? 'No stage has a name.' : `The stages are ${names.join(', ')}.`;
  const hint = likely === undefined ? list : `Did you mean ${likely}?`;
  const location = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  throw dockerfileError(`target stage ${JSON.stringify(target)} could not be found`, location, hint);
}
