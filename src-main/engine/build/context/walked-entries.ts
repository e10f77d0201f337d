import type { BigIntStats } from 'node:fs';
import type { Digest } from '../../../contract/oci-types.ts';
import { createDigester } from '../../oci/digest.ts';

const FIELDS = ['mode', 'size', 'mtimeNs', 'ctimeNs', 'ino', 'dev', 'nlink'] as const;
type Field = (typeof FIELDS)[number];
type Status = Pick<BigIntStats, Field>;

/** Bytes of one entry in `statuses`. */
export const STATUS_BYTES = FIELDS.length * BigInt64Array.BYTES_PER_ELEMENT;

const FIRST_ENTRIES = 1024;

/** A file that changed this recently could change again without its metadata telling (R12). */
const RACY_NS = 100_000_000n;
/** The same on file systems that keep whole seconds (two of them, on FAT). */
const RACY_COARSE_NS = 2_000_000_000n;

/** Whether a change was so shortly before a moment that a second one could look the same (R12); in nanoseconds since 1970. */
export function isRacyChange(changedNs: bigint, momentNs: bigint): boolean {
  // Hardly a file is younger, and divisions are slow.
  if (changedNs + RACY_COARSE_NS < momentNs) return false;
  const margin = changedNs % 1_000_000_000n === 0n ? RACY_COARSE_NS : RACY_NS;
  return changedNs + margin >= momentNs;
}

/**
 * The names and statuses that a walk met, parents first, in columns: tens of thousands of them are compared with those of
 * the last build as runs of bytes, and no path is put together for that.
 */
export class WalkedEntries {
  private readonly names: string[] = [];
  private parents = new Int32Array(FIRST_ENTRIES);
  private columns = new BigInt64Array(FIELDS.length * FIRST_ENTRIES);
  private knownPaths: readonly string[] | undefined;

  get count(): number {
    return this.names.length;
  }

  /** Of the walk's own folder the parent is -1. */
  add(name: string, parent: number, status: Status): number {
    const index = this.names.push(name) - 1;
    if (index === this.parents.length) this.grow();
    this.parents[index] = parent;
    const at = index * FIELDS.length;
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
    const [parents, columns] = [
      new Int32Array(2 * this.parents.length),
      new BigInt64Array(2 * this.columns.length),
    ];
    parents.set(this.parents);
    columns.set(this.columns);
    [this.parents, this.columns] = [parents, columns];
  }

  /** Absolute inside the folder that was walked, itself `/`. To be asked for when the walk is over. */
  get paths(): readonly string[] {
    return (this.knownPaths ??= this.makePaths());
  }

  private makePaths(): readonly string[] {
    const paths: string[] = [];
    this.names.forEach((name, index) => {
      const parent = this.parents[index]!;
      paths.push(parent > 0 ? `${paths[parent]!}/${name}` : `/${name}`);
    });
    return paths;
  }

  /** Takes back the entries from this one on. */
  truncate(count: number): void {
    this.names.length = count;
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
    const [mtime, ctime] = [
      this.columns[index * FIELDS.length + 2]!,
      this.columns[index * FIELDS.length + 3]!,
    ];
    return isRacyChange(ctime > mtime ? ctime : mtime, startedNs);
  }

  /** Equal only for the same entries in the same state. */
  digest(): Digest {
    const digester = createDigester();
    digester.update(Buffer.from(`${this.names.join('\0')}\0`));
    digester.update(new Uint8Array(this.parents.buffer, 0, this.count * Int32Array.BYTES_PER_ELEMENT));
    digester.update(this.statuses);
    return digester.digest();
  }
}
