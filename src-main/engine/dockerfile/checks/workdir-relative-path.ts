import type { Fix, SourceLocation } from '../../../contract/errors.ts';
import type { EvaluatedStage } from '../evaluate-stage.ts';
import { quoteString } from '../go-quote.ts';
import { defineCheck } from './check-context.ts';
import type { Finding } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** A slash before the path, inside its quotes; it stands for the working folder of a base that has none. */
function absoluteFix(location: SourceLocation, fixing: Fixing): Fix {
  const written = fixing.textOf(location.line).slice(location.column - 1);
  const [, quote = '', dots = ''] = /^(["']?)((?:\.\/+)*)/.exec(written) ?? [];
  const column = location.column + quote.length;
  const at = { ...location, column, endLine: location.line, endColumn: column + dots.length };
  return { title: 'Make the path absolute', edits: [{ location: at, text: '/' }] };
}

/** Only the first WORKDIR matters: those after it are relative to it. */
function* findIn(stage: EvaluatedStage, fixing: Fixing): Generator<Finding> {
  if (stage.workdirSetBefore) return;
  const first = stage.instructions.find(({ instruction }) => instruction.kind === 'workdir');
  const path = first?.words[0];
  if (first === undefined || path === undefined || path.text.startsWith('/')) return;
  const shown = quoteString(path.text);
  const message = `Relative workdir ${shown} can have unexpected results if the base image changes`;
  const fixes = first.isTrigger ? [] : [absoluteFix(path.location, fixing)];
  yield { message, location: first.instruction.location, focus: path.location, fixes };
}

export const workdirRelativePath = defineCheck(
  'WorkdirRelativePath',
  'The first WORKDIR of a stage is absolute, whatever the base image has.',
  function* ({ stages, fixing }) {
    for (const stage of stages) yield* findIn(stage, fixing);
  },
);
