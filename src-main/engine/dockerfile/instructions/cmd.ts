import { commandLine } from '../arguments.ts';
import type { CmdInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

export function parseCmd(statement: Statement): CmdInstruction {
  readFlags(statement, {});
  return { ...statement.base, kind: 'cmd', command: commandLine(statement.args) };
}
