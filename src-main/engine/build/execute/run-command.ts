import { heredocContent } from '../../dockerfile/heredoc.ts';
import { parseHeredocStart } from '../../dockerfile/heredoc.ts';
import type { RunInstruction } from '../../dockerfile/instruction.ts';
import type { StageState } from '../stage-state.ts';
import { commandArgs, shellArgs } from './shell-command.ts';

/** What RUN starts, and a script that must be visible in the container for it. */
export interface RunCommand {
  readonly args: readonly string[];
  readonly script: { readonly path: string; readonly content: Uint8Array } | undefined;
}

const SCRIPT_FOLDER = '/dev/pipes';

/**
 * The command of RUN. A single here-document is the shell's text, or a script of its own when it starts with `#!`;
 * in any other use of here-documents the shell gets them as they are written.
 */
export function runCommand(state: StageState, instruction: RunInstruction): RunCommand {
  const { command, heredocs } = instruction;
  const [first] = heredocs;
  if (first === undefined || command.form === 'exec') {
    return { args: commandArgs(state, command), script: undefined };
  }
  if (parseHeredocStart(command.text.trim()) === undefined) {
    const documents = heredocs.map(({ content, name }) => `\n${content}${name}`);
    return { args: shellArgs(state, command.text + documents.join('')), script: undefined };
  }
  const text = heredocContent(first);
  // As it is written: a script that is indented, to be freed of its tabs, is the shell's text.
  if (!first.content.startsWith('#!')) return { args: shellArgs(state, text), script: undefined };
  const path = `${SCRIPT_FOLDER}/${first.name}`;
  return { args: shellArgs(state, path), script: { path, content: Buffer.from(text) } };
}
