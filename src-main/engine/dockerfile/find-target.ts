import { EngineError } from '../../contract/errors.ts';
import type { Dockerfile, Stage } from './dockerfile.ts';
import { findStage } from './find-stage.ts';
import { nearest } from './nearest.ts';

/** What TARGETSTAGE says: the target as it is asked for, else the last stage's name, empty when it has none. */
export function targetStageName(dockerfile: Dockerfile, target: string | undefined): string {
  return target || (dockerfile.stages.at(-1)?.name ?? '');
}

/** The stage to build: the one named, in any case, else the last. NOT_FOUND for a name that no stage has. */
export function findTarget(dockerfile: Dockerfile, target: string | undefined): Stage {
  const wanted = target === undefined || target === '' ? undefined : target;
  const found = wanted === undefined ? dockerfile.stages.at(-1) : findStage(dockerfile.stages, wanted);
  if (found !== undefined) return found;
  const names = dockerfile.stages.map((stage) => stage.name).filter((name) => name !== undefined);
  const likely = nearest((wanted ?? '').toLowerCase(), names);
  const known = names.length === 0 ? 'No stage has a name.' : `The stages are ${names.join(', ')}.`;
  const message = `the target stage ${JSON.stringify(wanted)} is not in ${dockerfile.file}`;
  throw new EngineError('NOT_FOUND', message, {
    hint: likely === undefined ? known : `Did you mean ${likely}?`,
  });
}
