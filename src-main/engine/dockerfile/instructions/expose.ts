import { missingArgument } from '../arguments.ts';
import type { ExposeInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';
import { splitWords } from '../words.ts';

export function parseExpose(statement: Statement): ExposeInstruction {
  const ports = splitWords(statement.args);
  if (ports.length === 0) {
    throw missingArgument(statement, 'at least one argument', 'Write EXPOSE 80 or EXPOSE 53/udp.');
  }
  readFlags(statement, {});
  return { ...statement.base, kind: 'expose', ports };
}
