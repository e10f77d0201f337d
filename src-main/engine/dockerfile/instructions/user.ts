import { oneWord } from '../arguments.ts';
import type { UserInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

export function parseUser(statement: Statement): UserInstruction {
  const user = oneWord(statement, 'Write USER name, USER uid or USER uid:gid.');
  readFlags(statement, {});
  return { ...statement.base, kind: 'user', user };
}
