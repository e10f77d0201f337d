import type { CommandLine } from '../../dockerfile/instruction.ts';
import type { StageState } from '../stage-state.ts';

const DEFAULT_SHELL: readonly string[] = ['/bin/sh', '-c'];
const WINDOWS_SHELL: readonly string[] = ['cmd', '/S', '/C'];

/** The stage's shell with the text as its last argument. */
export function shellArgs(state: StageState, text: string): readonly string[] {
  const own = state.config.Shell ?? [];
  if (own.length > 0) return [...own, text];
  return [...(state.platform.os === 'windows' ? WINDOWS_SHELL : DEFAULT_SHELL), text];
}

/** What a command line starts: the words of the exec form, or the stage's shell. */
export function commandArgs(state: StageState, command: CommandLine): readonly string[] {
  return command.form === 'exec' ? command.args : shellArgs(state, command.text);
}
