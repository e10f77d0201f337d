import type { SourceLocation } from '../../contract/errors.ts';

/** A change of the text that would silence a warning. */
export interface Fix {
  /** What it does, for a menu: `Write the stage name in lower case`. */
  readonly title: string;
  /** Do not overlap. */
  readonly edits: readonly { readonly location: SourceLocation; readonly text: string }[];
}

/** What one of the build checks has to say. Names, texts and lines are BuildKit's. */
export interface Warning {
  readonly rule: string;
  readonly message: string;
  /** What the rule wants, in general. */
  readonly detail: string;
  readonly url: string;
  /** The instruction. */
  readonly location: SourceLocation;
  /** The part of it that is meant, where that is known. */
  readonly focus?: SourceLocation | undefined;
  readonly fix?: Fix | undefined;
}
