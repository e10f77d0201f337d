import type { EnvInstruction } from '../instruction.ts';
import type { Statement } from '../statement.ts';
import { parseKeyValues } from './key-values.ts';

export function parseEnv(statement: Statement): EnvInstruction {
  return { ...statement.base, kind: 'env', ...parseKeyValues(statement) };
}
