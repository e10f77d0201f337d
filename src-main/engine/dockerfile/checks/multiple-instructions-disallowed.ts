import type { Fix } from '../../../contract/errors.ts';
import type { EvaluatedStage } from '../evaluate-stage.ts';
import type { StageInstruction } from '../instruction.ts';
import { defineCheck } from './check-context.ts';
import type { Finding } from './check-context.ts';
import type { Fixing } from './fixing.ts';

const ONCE = ['cmd', 'entrypoint', 'healthcheck'] as const;

function removeFix(fixing: Fixing, { keyword, location }: StageInstruction): Fix {
  return { title: `Remove this ${keyword.text}`, edits: [fixing.removeLines(location)] };
}

/** Each one but the last, named as the one after it is written. */
function* findIn(stage: EvaluatedStage, fixing: Fixing): Generator<Finding> {
  for (const kind of ONCE) {
    const all = stage.instructions.filter(({ instruction }) => instruction.kind === kind);
    for (const [i, { instruction, isTrigger }] of all.entries()) {
      const next = all[i + 1]?.instruction;
      if (next === undefined) continue;
      const name = next.keyword.text;
      yield {
        message: `Multiple ${name} instructions should not be used in the same stage because only the last one will be used`,
        location: instruction.location,
        focus: instruction.keyword.location,
        fixes: isTrigger ? [] : [removeFix(fixing, instruction)],
      };
    }
  }
}

export const multipleInstructionsDisallowed = defineCheck(
  'MultipleInstructionsDisallowed',
  'A stage has one CMD, one ENTRYPOINT and one HEALTHCHECK: only the last counts.',
  function* ({ stages, fixing }) {
    for (const stage of stages) yield* findIn(stage, fixing);
  },
);
