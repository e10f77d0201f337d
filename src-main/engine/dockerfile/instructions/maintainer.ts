import { oneWord } from '../arguments.ts';
import type { MaintainerInstruction } from '../instruction.ts';
import { readFlags } from '../read-flags.ts';
import type { Statement } from '../statement.ts';

export function parseMaintainer(statement: Statement): MaintainerInstruction {
  const name = oneWord(statement, 'Write LABEL org.opencontainers.image.authors="…" instead.');
  readFlags(statement, {});
  return { ...statement.base, kind: 'maintainer', name };
}
