import { commandLine } from '../arguments.ts';
import type { EntrypointInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

export function parseEntrypoint(statement: Statement): EntrypointInstruction {
  readFlags(statement, {});
  return { ...statement.base, kind: 'entrypoint', command: commandLine(statement.args) };
}
