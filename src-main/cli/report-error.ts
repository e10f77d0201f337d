import { isAbsolute, relative } from 'node:path';
import { isEngineError, type SourceLocation } from '../contract/errors.ts';
import { cleanLine } from './format/clean-text.ts';

/**
 * One or two lines for a person: what went wrong, where, and what to do; after a failed RUN its last lines too. Never a
 * stack trace.
 */
export function formatError(error: unknown, cwd: string): string {
  if (isEngineError(error)) {
    const where = error.location === undefined ? '' : `${formatPlace(error.location, cwd)} `;
    const hint = error.hint?.split('\n').map((line) => `\n  ${cleanLine(line)}`) ?? [];
    return `varve: ${where}${cleanLine(error.message)}${hint.join('')}`;
  }
  if (isSystemError(error)) return `varve: ${error.message.replace(/^[A-Z0-9]+: /, '')}`;
  const message = error instanceof Error ? error.message : String(error);
  return `varve: this should not happen: ${message.split('\n')[0]}\n  It is a defect in Varve; please report it.`;
}

/** `Dockerfile:7:`, the file as seen from the working folder where that is shorter. */
export function formatPlace(location: SourceLocation, cwd: string): string {
  const seen = isAbsolute(location.file) ? relative(cwd, location.file) : location.file;
  return `${seen.startsWith('..') ? location.file : seen}:${location.line}:`;
}

function isSystemError(error: unknown): error is Error {
  return error instanceof Error && 'syscall' in error && 'code' in error;
}
