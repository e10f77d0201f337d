import { commandLine, missingArgument } from '../arguments.ts';
import { dockerfileError } from '../dockerfile-error.ts';
import type { ShellInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

const HINT = 'Write SHELL ["/bin/sh", "-c"].';

export function parseShell(statement: Statement): ShellInstruction {
  readFlags(statement, {});
  const command = commandLine(statement.args);
  if (command.form === 'shell' && command.text !== '') {
    throw dockerfileError('SHELL requires the arguments to be in JSON form', command.location, HINT);
  }
  if (command.form === 'shell' || command.args.length === 0) {
    throw missingArgument(statement, 'at least one argument', HINT);
  }
  return { ...statement.base, kind: 'shell', shell: command.args };
}
