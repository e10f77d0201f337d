import { EngineError, type ErrorCode, type SourceLocation } from '../../src-main/contract/errors.ts';

import { programText } from './program-text.ts';

/** An error as a person reads it: what went wrong with which thing, and what can be done. */
export interface Failure {
  readonly code: ErrorCode;
  readonly message: string;
  readonly hint: string | undefined;
  readonly location: SourceLocation | undefined;
}

/** Any thrown value as a Failure; what is no EngineError is a defect and says so. */
export function toFailure(error: unknown): Failure {
  if (error instanceof EngineError) {
    const { code, message, hint, location } = error;
    // A hint may hold the last lines of a program.
    return { code, message, hint: hint === undefined ? undefined : programText(hint), location };
  }
  const message = error instanceof Error ? error.message : String(error);
  return { code: 'INTERNAL', message, hint: undefined, location: undefined };
}
