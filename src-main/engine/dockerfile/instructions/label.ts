import type { LabelInstruction } from '../instruction.ts';
import type { Statement } from '../statement.ts';
import { parseKeyValues } from './key-values.ts';

export function parseLabel(statement: Statement): LabelInstruction {
  return { ...statement.base, kind: 'label', ...parseKeyValues(statement) };
}
