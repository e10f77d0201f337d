import type { EvaluatedStage } from '../evaluate-stage.ts';
import { quoteString } from '../go-quote.ts';
import { defineCheck } from './check-context.ts';
import type { Finding } from './check-context.ts';

/** Only the first WORKDIR matters: those after it are relative to it. */
function* findIn(stage: EvaluatedStage): Generator<Finding> {
  if (stage.workdirSetBefore) return;
  const first = stage.instructions.find(({ instruction }) => instruction.kind === 'workdir');
  const path = first?.words[0];
  if (first === undefined || path === undefined || path.text.startsWith('/')) return;
  const shown = quoteString(path.text);
  const message = `Relative workdir ${shown} can have unexpected results if the base image changes`;
  yield { message, location: first.instruction.location, focus: path.location };
}

export const workdirRelativePath = defineCheck(
  'WorkdirRelativePath',
  'The first WORKDIR of a stage is absolute, whatever the base image has.',
  function* ({ stages }) {
    for (const stage of stages) yield* findIn(stage);
  },
);
