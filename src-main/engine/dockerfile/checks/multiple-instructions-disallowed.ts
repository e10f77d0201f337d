import type { EvaluatedStage } from '../evaluate-stage.ts';
import { defineCheck } from './check-context.ts';
import type { Finding } from './check-context.ts';

const ONCE = ['cmd', 'entrypoint', 'healthcheck'] as const;

/** Each one but the last, named as the one after it is written. */
function* findIn(stage: EvaluatedStage): Generator<Finding> {
  for (const kind of ONCE) {
    const all = stage.instructions.filter(({ instruction }) => instruction.kind === kind);
    for (const [i, { instruction }] of all.entries()) {
      const next = all[i + 1]?.instruction;
      if (next === undefined) continue;
      const name = next.keyword.text;
      yield {
        message: `Multiple ${name} instructions should not be used in the same stage because only the last one will be used`,
        location: instruction.location,
      };
    }
  }
}

export const multipleInstructionsDisallowed = defineCheck(
  'MultipleInstructionsDisallowed',
  'A stage has one CMD, one ENTRYPOINT and one HEALTHCHECK: only the last counts.',
  function* ({ stages }) {
    for (const stage of stages) yield* findIn(stage);
  },
);
