import type { Digest } from '../../../contract/oci-types.ts';
import type { LongOptions } from '../../store/blob-store.ts';

/** A blob at a registry. Nothing that comes from it is verified. */
export interface RemoteBlob {
  readonly digest: Digest;
  /** All of it. Whoever stops reading early returns the iterator, which ends the transfer. */
  open(options: LongOptions): Promise<RemoteBytes>;
  /** From that byte on; undefined where the registry gives no parts of it. */
  openFrom(start: number, options: LongOptions): Promise<RemoteBytes | undefined>;
}

export interface RemoteBytes {
  readonly bytes: AsyncIterable<Uint8Array>;
  /** Of the whole blob, as the registry says. */
  readonly totalBytes: number | undefined;
}
