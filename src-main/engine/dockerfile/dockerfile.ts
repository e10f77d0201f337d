import type { SourceLocation } from '../../contract/errors.ts';
import type { ArgInstruction, FromInstruction, Instruction, StageInstruction } from './instruction.ts';

/** The character that escapes and, at the end of a line, continues it. */
export type EscapeCharacter = '\\' | '`';

export interface Directive {
  readonly name: 'syntax' | 'escape' | 'check';
  readonly value: string;
  readonly location: SourceLocation;
}

/** `FROM` and what follows it. */
export interface Stage {
  /** Counted from 0. */
  readonly index: number;
  /** In lower case, as `FROM` and `COPY --from` find it. */
  readonly name: string | undefined;
  readonly from: FromInstruction;
  readonly instructions: readonly StageInstruction[];
}

/** A Dockerfile, parsed: every instruction is well-formed; variables are not expanded and nothing is looked up. */
export interface Dockerfile {
  readonly file: string;
  readonly escape: EscapeCharacter;
  readonly directives: readonly Directive[];
  /** The `ARG` instructions before the first `FROM`. */
  readonly globalArgs: readonly ArgInstruction[];
  readonly stages: readonly Stage[];
  /** All instructions in the order of the file. */
  readonly instructions: readonly Instruction[];
}
