import { isSensitiveName } from '../../dockerfile/sensitive-name.ts';
import { digestOf } from '../../oci/digest.ts';

const LONGEST = 200;
const HIDDEN = '(hidden';

/**
 * A value as an explanation may keep and show it: clipped where it is long, and only its fingerprint where its name
 * says that it is a secret. Different values stay different.
 */
export function shownValue(name: string, value: string): string {
  if (isSensitiveName(name)) return `${HIDDEN} ${fingerprint(value)})`;
  return clipped(value);
}

/** A long text with its beginning and a fingerprint of all of it. */
export function clipped(value: string): string {
  if (value.length <= LONGEST) return value;
  return `${value.slice(0, LONGEST - 40)}… (${value.length} characters, ${fingerprint(value)})`;
}

function fingerprint(value: string): string {
  return digestOf(value).slice('sha256:'.length, 'sha256:'.length + 8);
}

/** What is kept, as it is shown: of a secret not even the fingerprint. */
export function withoutSecret(kept: string): string {
  return kept.startsWith(`${HIDDEN} `) ? `${HIDDEN})` : kept;
}
