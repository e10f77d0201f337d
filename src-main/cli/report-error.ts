import { isEngineError, type EngineError, type SourceLocation } from '../contract/errors.ts';
import type { Cli } from './cli.ts';
import { cleanLine } from './format/clean-text.ts';
import { formatExcerpt, type ExcerptTarget } from './format/excerpt.ts';
import { seenFrom } from './format/seen-from.ts';

/**
 * A few lines for a person: where and what went wrong, the line of the Dockerfile with the place marked, and what to
 * do; after a failed RUN its last lines too. Never a stack trace.
 */
export function formatError(error: unknown, { cwd, stderr }: Pick<Cli, 'cwd' | 'stderr'>): string {
  if (isEngineError(error)) {
    const where = error.location === undefined ? '' : `${formatPlace(error.location, cwd)} `;
    const lines = error.hint?.split('\n').map((line) => `  ${cleanLine(line)}`) ?? [];
    return [`varve: ${where}${cleanLine(error.message)}`, ...excerptOf(error, stderr), ...lines].join('\n');
  }
  if (isSystemError(error)) return `varve: ${error.message.replace(/^[A-Z0-9]+: /, '')}`;
  const message = error instanceof Error ? error.message : String(error);
  return `varve: this should not happen: ${message.split('\n')[0]}\n  It is a defect in Varve; please report it.`;
}

function excerptOf({ location, excerpt }: EngineError, stderr: ExcerptTarget): readonly string[] {
  return location === undefined || excerpt === undefined ? [] : formatExcerpt(excerpt, location, stderr);
}

/** `Dockerfile:7:12:`. */
function formatPlace({ file, line, column }: SourceLocation, cwd: string): string {
  return `${seenFrom(cwd, file)}:${line}:${column}:`;
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
