/**
 * The uncompressed bytes of a layer in order, read once. What is passed over comes as zeros, so that whoever reads
 * keeps its place.
 */
export interface SkippingSource extends AsyncIterable<Uint8Array> {
  /**
   * Told that nobody wants the content from `start` to `end`; resolves to whether some of it will come as zeros. Only
   * what has not been read can be passed over.
   */
  skip(start: number, end: number): Promise<boolean>;
}

const ZEROS = new Uint8Array(1024 * 1024);

/** Zeros for a place that is passed over. */
export function* zeros(count: number): Generator<Uint8Array, void, undefined> {
  for (let left = count; left > 0; left -= ZEROS.length)
    yield ZEROS.subarray(0, Math.min(left, ZEROS.length));
}
