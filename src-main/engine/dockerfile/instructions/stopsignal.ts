import { oneWord } from '../arguments.ts';
import type { StopsignalInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

export function parseStopsignal(statement: Statement): StopsignalInstruction {
  const signal = oneWord(statement, 'Write STOPSIGNAL SIGTERM.');
  readFlags(statement, {});
  return { ...statement.base, kind: 'stopsignal', signal };
}
