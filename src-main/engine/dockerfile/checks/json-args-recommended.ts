import type { EvaluatedStage } from '../evaluate-stage.ts';
import { quoteString } from '../go-quote.ts';
import type { CommandLine } from '../instruction.ts';
import { replaceFix } from '../did-you-mean.ts';
import { defineCheck } from './check-context.ts';
import type { Finding } from './check-context.ts';

/** Words that mean the same without a shell; undefined when the shell is needed. */
function plainWords(text: string): readonly string[] | undefined {
  return /^[\w@%+=:,./ \t-]+$/.test(text) && !/^\s*\w+=/.test(text) ? text.trim().split(/[ \t]+/) : undefined;
}

function toJsonFixes(command: CommandLine): Finding['fixes'] {
  const words = command.form === 'shell' ? plainWords(command.text) : undefined;
  if (words === undefined) return [];
  return [replaceFix('Write it as JSON', command.location, `[${words.map(quoteString).join(', ')}]`)];
}

function* findIn(stage: EvaluatedStage): Generator<Finding> {
  let hasShell = stage.shellSetBefore;
  for (const { instruction } of stage.instructions) {
    hasShell ||= instruction.kind === 'shell';
    if (instruction.kind !== 'cmd' && instruction.kind !== 'entrypoint') continue;
    if (hasShell || instruction.command.form === 'exec') continue;
    const name = instruction.keyword.text;
    yield {
      message: `JSON arguments recommended for ${name} to prevent unintended behavior related to OS signals`,
      location: instruction.location,
      focus: instruction.command.location,
      fixes: toJsonFixes(instruction.command),
    };
  }
}

export const jsonArgsRecommended = defineCheck(
  'JSONArgsRecommended',
  'CMD and ENTRYPOINT in JSON form get signals; in shell form the shell gets them.',
  function* ({ stages }) {
    for (const stage of stages) yield* findIn(stage);
  },
);
