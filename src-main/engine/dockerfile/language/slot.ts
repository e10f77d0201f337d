import type { SourceLocation } from '../../../contract/errors.ts';
import type { Directive } from '../dockerfile.ts';

/** A path of the build context, or of the stage, image or context that `from` names. */
export interface SourceWant {
  readonly from: string | undefined;
  /** All of the path before the position. */
  readonly typed: string;
  /** A string of a JSON array, where a blank is a character like any other. */
  readonly isQuoted: boolean;
}

/** What could be written at a place. */
export type Want =
  | { readonly kind: 'directive'; readonly given: readonly string[] }
  | { readonly kind: 'directive value'; readonly directive: Directive['name'] }
  /** A build check's name. */
  | { readonly kind: 'check' }
  | {
      readonly kind: 'instruction';
      /** The trigger of ONBUILD, which cannot be any instruction. */
      readonly isTrigger: boolean;
      /** No FROM stands above. */
      readonly isBeforeFrom: boolean;
      /** The directives that could stand here too; undefined below the top of the file. */
      readonly directives: readonly string[] | undefined;
    }
  | { readonly kind: 'flag'; readonly instruction: string; readonly given: readonly string[] }
  | { readonly kind: 'flag value'; readonly instruction: string; readonly flag: string }
  | { readonly kind: 'mount key'; readonly type: string | undefined; readonly given: readonly string[] }
  | { readonly kind: 'mount value'; readonly key: string }
  /** A stage above, an image or a named context. */
  | { readonly kind: 'base'; readonly by: 'from' | 'copy' | 'mount' }
  | { readonly kind: 'as' }
  /** A user or, after the colon, a group. */
  | { readonly kind: 'owner'; readonly part: 'user' | 'group' }
  | ({ readonly kind: 'source' } & SourceWant)
  /** A folder of the stage. */
  | { readonly kind: 'folder'; readonly typed: string }
  /** A source or, as the last word, the destination. */
  | ({ readonly kind: 'path' } & SourceWant)
  | {
      readonly kind: 'variable';
      readonly scope: 'global' | 'stage';
      readonly braces: boolean;
      readonly environmentOnly: boolean;
    }
  | { readonly kind: 'port'; readonly port: string | undefined }
  | { readonly kind: 'signal' }
  | { readonly kind: 'health check' }
  /** The beginning of a command: text, or a JSON array. */
  | { readonly kind: 'command'; readonly instruction: string }
  | { readonly kind: 'argument name' }
  | { readonly kind: 'label' };

/** What is wanted at a position, and the part of it that is there. */
export interface Slot {
  readonly want: Want;
  /** The word, or the part of a path, that a completion takes the place of. */
  readonly replace: SourceLocation;
  /** Its characters before the position. */
  readonly typed: string;
  /** The character after what is replaced; empty at the end of the line. */
  readonly next: string;
  /** The instruction's flags can stand here too, but for those that are given. */
  readonly flags?: { readonly instruction: string; readonly given: readonly string[] };
}
