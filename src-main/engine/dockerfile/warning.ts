import type { Fix, SourceLocation } from '../../contract/errors.ts';

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
  /** Changes that would silence it, the likeliest first. */
  readonly fixes: readonly Fix[];
}
