import { cmdHistory } from '../../dockerfile/history-text.ts';
import type { CmdInstruction } from '../../dockerfile/instruction.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import { commandArgs } from './shell-command.ts';

export function executeCmd(state: StageState, instruction: CmdInstruction): StageState {
  const args = [...commandArgs(state, instruction.command)];
  const next = withMetadata(state, { Cmd: args, ArgsEscaped: true }, cmdHistory(args));
  return { ...next, ownCmd: true };
}
