import type { SourceLocation } from '../../../src-main/contract/errors.ts';

/** A place on one line of a Dockerfile; without an end it is empty. */
export function location(line: number, column: number, endColumn = column): SourceLocation {
  return { file: 'Dockerfile', line, column, endLine: line, endColumn };
}
