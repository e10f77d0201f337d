import type { SourceLocation } from '../../contract/errors.ts';
import type { Directive } from './dockerfile.ts';

/** Where the value of a directive stands in its line. */
export function locateDirectiveValue({ location, value }: Directive, line: string): SourceLocation {
  const at = line.indexOf(value, line.indexOf('=') + 1);
  return at < 0 ? location : { ...location, column: at + 1, endColumn: at + 1 + value.length };
}
