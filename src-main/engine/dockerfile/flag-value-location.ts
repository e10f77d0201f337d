import type { SourceLocation } from '../../contract/errors.ts';
import type { InstructionBase } from './instruction.ts';

/** Where the value of a flag stands; the instruction when the flag is not written. */
export function flagValueLocation({ flags, location }: InstructionBase, name: string): SourceLocation {
  return flags.find((flag) => flag.name === name)?.valueLocation ?? location;
}
