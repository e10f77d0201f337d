import type { EvaluatedStage } from '../evaluate-stage.ts';
import type { CommandLine } from '../instruction.ts';
import { replaceFix } from '../did-you-mean.ts';
import { defineCheck } from './check-context.ts';
import type { Finding } from './check-context.ts';
import type { Fixing } from './fixing.ts';

/** Words that the shell itself carries out: without it there is no such program, or not the same one. */
const BUILTINS = new Set(
  '. : alias bg cd command eval exec exit export fg getopts hash jobs local read readonly return set shift source times trap type ulimit umask unalias unset wait'.split(
    ' ',
  ),
);

/** Words that mean the same without a shell; undefined when the shell is needed. */
function plainWords(text: string): readonly string[] | undefined {
  const command = text.trim().replace(/^exec[ \t]+(?!-)/, '');
  if (!/^[\w@%+=:,./ \t-]+$/.test(command) || /^\w+=/.test(command)) return undefined;
  const words = command.split(/[ \t]+/);
  return BUILTINS.has(words[0] ?? '') ? undefined : words;
}

function toArray(words: readonly string[]): string {
  return `[${words.map((word) => JSON.stringify(word)).join(', ')}]`;
}

/** The program itself, where the text is nothing but its words; else the shell by its name, which says what happens. */
function toJsonFixes(command: CommandLine, fixing: Fixing): Finding['fixes'] {
  if (command.form === 'exec' || command.text.trim() === '') return [];
  const { location, text } = command;
  // Written in one line, the text would lose the comments between its lines.
  for (let line = location.line + 1; line <= location.endLine; line += 1) {
    if (/^\s*#/.test(fixing.textOf(line))) return [];
  }
  const words = plainWords(text);
  const shell = replaceFix('Name the shell in JSON', location, toArray(['/bin/sh', '-c', text]));
  return words === undefined
    ? [shell]
    : [replaceFix('Start the program itself', location, toArray(words)), shell];
}

function* findIn(stage: EvaluatedStage, fixing: Fixing): Generator<Finding> {
  let hasShell = stage.shellSetBefore;
  for (const { instruction, isTrigger } of stage.instructions) {
    hasShell ||= instruction.kind === 'shell';
    if (instruction.kind !== 'cmd' && instruction.kind !== 'entrypoint') continue;
    if (hasShell || instruction.command.form === 'exec') continue;
    const name = instruction.keyword.text;
    yield {
      message: `JSON arguments recommended for ${name} to prevent unintended behavior related to OS signals`,
      location: instruction.location,
      focus: instruction.command.location,
      fixes: isTrigger ? [] : toJsonFixes(instruction.command, fixing),
    };
  }
}

export const jsonArgsRecommended = defineCheck(
  'JSONArgsRecommended',
  'CMD and ENTRYPOINT in JSON form get signals; in shell form the shell gets them.',
  function* ({ stages, fixing }) {
    for (const stage of stages) yield* findIn(stage, fixing);
  },
);
