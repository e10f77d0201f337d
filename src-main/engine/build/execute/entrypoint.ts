import { entrypointHistory } from '../../dockerfile/history-text.ts';
import type { EntrypointInstruction } from '../../dockerfile/instruction.ts';
import { withMetadata, type StageState } from '../stage-state.ts';
import { commandArgs } from './shell-command.ts';

/** ENTRYPOINT: an inherited CMD was written for another entry point and goes. */
export function executeEntrypoint(state: StageState, instruction: EntrypointInstruction): StageState {
  const args = [...commandArgs(state, instruction.command)];
  const { Cmd: cmd, ...config } = state.config;
  const kept = state.ownCmd ? { ...config, Cmd: cmd } : config;
  return withMetadata({ ...state, config: kept }, { Entrypoint: args }, entrypointHistory(args));
}
