import { oneWord } from '../arguments.ts';
import type { StopsignalInstruction } from '../instruction.ts';
import type { Statement } from '../statement.ts';

/** Flags are not looked at, whatever they are. */
export function parseStopsignal(statement: Statement): StopsignalInstruction {
  const signal = oneWord(statement, 'Write STOPSIGNAL SIGTERM.');
  return { ...statement.base, kind: 'stopsignal', signal };
}
