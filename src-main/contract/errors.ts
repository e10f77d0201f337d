/**
 * The one error that crosses a boundary: from the engine to the window, the command line and the tests.
 *
 * `message` says what went wrong with which thing; `hint` says what the user can do about it; `location` says
 * where in a Dockerfile. A cause is kept for the log file and never leaves the process.
 */

/** The closed list of codes. Callers branch on these and never on the text of a message. */
export const ERROR_CODES = [
  /** A request, argument, name or file has the wrong form. */
  'INVALID_INPUT',
  /** The named image, tag, file, stage or build does not exist. */
  'NOT_FOUND',
  /** The operation would break something that exists (a folder in the place of a file, a tag in use). */
  'CONFLICT',
  /** Well-formed, but Varve or this machine cannot do it. */
  'UNSUPPORTED',
  /** A Dockerfile that does not parse or whose plan cannot be made; has a location. */
  'DOCKERFILE',
  /** A step of a build failed; has a location. */
  'BUILD_FAILED',
  /** RUN needs a sandbox and none works here; the hint says what to install. */
  'SANDBOX_UNAVAILABLE',
  /** Stored or received bytes are not what they claim to be. */
  'CORRUPT',
  /** A hostile or absurd size, depth or count. */
  'LIMIT_EXCEEDED',
  /** The disk is full. */
  'NO_SPACE',
  /** The operating system refused access. */
  'PERMISSION',
  /** Another process holds what is needed. */
  'BUSY',
  /** Reading or writing failed in another way. */
  'IO',
  /** A registry could not be reached or answered with an error. */
  'REGISTRY',
  /** Credentials are missing or were refused. */
  'UNAUTHORIZED',
  /** The caller's AbortSignal fired. */
  'CANCELLED',
  /** The other end of the connection went away. */
  'DISCONNECTED',
  /** A defect of Varve; the log file has the details. */
  'INTERNAL',
] as const;

export type ErrorCode = (typeof ERROR_CODES)[number];

/** A range in a text file. Lines and columns count from 1; the end column is exclusive. */
export interface SourceLocation {
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
}

/** A change of a text that would mend it. */
export interface Fix {
  /** What it does, for a menu: `Write the stage name in lower case`. */
  readonly title: string;
  /** Do not overlap. An empty location inserts. */
  readonly edits: readonly { readonly location: SourceLocation; readonly text: string }[];
}

export interface EngineErrorOptions {
  readonly hint?: string | undefined;
  readonly location?: SourceLocation | undefined;
  readonly excerpt?: string | undefined;
  readonly fixes?: readonly Fix[] | undefined;
  readonly cause?: unknown;
}

export class EngineError extends Error {
  override readonly name = 'EngineError';
  readonly code: ErrorCode;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
  /** The first line of the location as it stands in the file, without its line end; set where the text is known. */
  readonly excerpt: string | undefined;
  /** Mechanical ways to mend what the location shows. They do not cross a boundary: an editor gets them from `builds.check`. */
  readonly fixes: readonly Fix[];

  constructor(code: ErrorCode, message: string, options: EngineErrorOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.code = code;
    this.hint = options.hint;
    this.location = options.location;
    this.excerpt = options.excerpt;
    this.fixes = options.fixes ?? [];
  }
}

/** True for an EngineError with this code (any code when none is given). */
export function isEngineError(error: unknown, code?: ErrorCode): error is EngineError {
  return error instanceof EngineError && (code === undefined || error.code === code);
}

/** The error that every operation throws when its signal fires. */
export function cancelled(what: string): EngineError {
  return new EngineError('CANCELLED', `${what} was cancelled`);
}
