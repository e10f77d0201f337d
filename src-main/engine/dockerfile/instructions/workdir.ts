import { oneWord } from '../arguments.ts';
import type { WorkdirInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

export function parseWorkdir(statement: Statement): WorkdirInstruction {
  const path = oneWord(statement, 'Write WORKDIR /path.');
  readFlags(statement, {});
  return { ...statement.base, kind: 'workdir', path };
}
