import type { SourceLocation } from '../../contract/errors.ts';
import type { MountFlag } from './instruction.ts';

/** Where the value of a mount's field stands, which may be written with any of the keys; the flag when there is none. */
export function mountFieldLocation(
  { fields, location }: MountFlag,
  ...keys: readonly string[]
): SourceLocation {
  return fields.findLast(({ key }) => keys.includes(key))?.valueLocation ?? location;
}
