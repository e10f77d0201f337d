import type { BigIntStats } from 'node:fs';
import type { Digest } from '../../../contract/oci-types.ts';
import { digestOf } from '../../oci/digest.ts';

const FIELDS = ['mode', 'size', 'mtimeNs', 'ctimeNs', 'ino', 'dev', 'nlink'] as const;
type Field = (typeof FIELDS)[number];
type Status = Pick<BigIntStats, Field>;

/** Bytes of one entry in `statuses`. */
export const STATUS_BYTES = FIELDS.length * BigInt64Array.BYTES_PER_ELEMENT;

/** A file that changed this recently could change again without its metadata telling (R12). */
const RACY_NS = 100_000_000n;
/** The same on file systems that keep whole seconds (two of them, on FAT). */
const RACY_COARSE_NS = 2_000_000_000n;

/**
 * The paths and statuses that a walk met, parents first, in columns: tens of thousands of them are compared with those of
 * the last build as two runs of bytes.
 */
export class WalkedEntries {
  readonly paths: string[] = [];
  private columns = new BigInt64Array(FIELDS.length * 1024);

  get count(): number {
    return this.paths.length;
  }

  add(path: string, status: Status): number {
    const index = this.paths.push(path) - 1;
    const at = index * FIELDS.length;
    if (at === this.columns.length) this.grow();
    this.columns[at] = status.mode;
    this.columns[at + 1] = status.size;
    this.columns[at + 2] = status.mtimeNs;
    this.columns[at + 3] = status.ctimeNs;
    this.columns[at + 4] = status.ino;
    this.columns[at + 5] = status.dev;
    this.columns[at + 6] = status.nlink;
    return index;
  }

  private grow(): void {
    const grown = new BigInt64Array(2 * this.columns.length);
    grown.set(this.columns);
    this.columns = grown;
  }

  /** Takes back the entries from this one on. */
  truncate(count: number): void {
    this.paths.length = count;
  }

  get(index: number, field: Field): bigint {
    return this.columns[index * FIELDS.length + FIELDS.indexOf(field)]!;
  }

  /** All statuses, for a comparison or a record. */
  get statuses(): Uint8Array {
    return new Uint8Array(this.columns.buffer, 0, this.count * STATUS_BYTES);
  }

  /** Whether the entry has still the size, times and number that the walk saw. */
  isAsWalked(index: number, { size, mtimeNs, ctimeNs, ino }: Status): boolean {
    const at = index * FIELDS.length;
    return (
      this.columns[at + 1] === size &&
      this.columns[at + 2] === mtimeNs &&
      this.columns[at + 3] === ctimeNs &&
      this.columns[at + 4] === ino
    );
  }

  /** Whether it changed so shortly before `startedNs` that equal metadata would not mean equal content (R12). */
  isRacy(index: number, startedNs: bigint): boolean {
    const [mtime, ctime] = [this.get(index, 'mtimeNs'), this.get(index, 'ctimeNs')];
    const changedNs = ctime > mtime ? ctime : mtime;
    const margin = changedNs % 1_000_000_000n === 0n ? RACY_COARSE_NS : RACY_NS;
    return changedNs + margin >= startedNs;
  }

  /** Equal only for the same entries in the same state. */
  digest(): Digest {
    return digestOf(Buffer.concat([Buffer.from(this.paths.join('\0')), Buffer.of(0), this.statuses]));
  }
}
