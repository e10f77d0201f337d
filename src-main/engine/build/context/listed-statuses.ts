import type { Digest } from '../../../contract/oci-types.ts';
import { digestOf } from '../../oci/digest.ts';
import { isRacyChange } from './walked-entries.ts';

/** What `listStatuses` has found: a line of status and path for each entry, ended by a zero. */
export class ListedStatuses {
  private readonly bytes: Uint8Array;

  constructor(bytes: Uint8Array) {
    this.bytes = bytes;
  }

  /** Equal only for the same entries in the same state. */
  get fingerprint(): Digest {
    return digestOf(this.bytes);
  }

  /** Whether nothing in it has changed since shortly before a moment, in nanoseconds since 1970. */
  isAsOf(momentNs: bigint): boolean {
    const entries = Buffer.from(this.bytes).toString('latin1').split('\0').slice(0, -1);
    return entries.every((entry) => !isRacyChange(toNs(entry.slice(0, entry.indexOf(' '))), momentNs));
  }
}

/** Of seconds with a fraction, as find prints them. */
function toNs(text: string): bigint {
  const [seconds = '', fraction = ''] = text.split('.');
  return BigInt(`${seconds}${fraction.slice(0, 9).padEnd(9, '0')}`);
}
