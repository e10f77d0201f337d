/**
 * Reads a stream of chunks by position. Everything that is already at hand comes without a promise and without a
 * copy; a caller asks `take…` first and awaits `fetch…` only when that answers undefined.
 */
export class ByteCursor {
  readonly #chunks: AsyncIterator<Uint8Array>;
  #chunk: Uint8Array = new Uint8Array(0);
  #at = 0;
  #position = 0;

  constructor(source: AsyncIterable<Uint8Array>) {
    this.#chunks = source[Symbol.asyncIterator]();
  }

  /** Bytes consumed so far. */
  get position(): number {
    return this.#position;
  }

  /** Exactly `length` bytes if the present chunk has them. */
  take(length: number): Uint8Array | undefined {
    const end = this.#at + length;
    if (end > this.#chunk.length) return undefined;
    const bytes = this.#chunk.subarray(this.#at, end);
    this.#at = end;
    this.#position += length;
    return bytes;
  }

  /** What the present chunk has, at most `length` bytes; undefined when it is used up. */
  takeSome(length: number): Uint8Array | undefined {
    const left = this.#chunk.length - this.#at;
    return left === 0 ? undefined : this.take(Math.min(left, length));
  }

  /** Makes the next chunk present once the last one is used up; false at the end of the source. */
  async fetch(): Promise<boolean> {
    while (this.#at === this.#chunk.length) {
      const next = await this.#chunks.next();
      if (next.done === true) return false;
      this.#chunk = next.value;
      this.#at = 0;
    }
    return true;
  }

  /** The next `length` bytes, put together from as many chunks as it takes; fewer only at the source's end. */
  async fetchBytes(length: number): Promise<Uint8Array> {
    const pieces: Uint8Array[] = [];
    let missing = length;
    while (missing > 0 && (await this.fetch())) {
      const piece = this.takeSome(missing);
      if (piece === undefined) break;
      pieces.push(piece);
      missing -= piece.length;
    }
    return pieces.length === 1 && pieces[0] !== undefined ? pieces[0] : Buffer.concat(pieces);
  }

  /** Passes over up to `length` bytes and answers how many there were. */
  async skip(length: number): Promise<number> {
    let left = length;
    while (left > 0) {
      left -= this.takeSome(left)?.length ?? 0;
      if (left > 0 && !(await this.fetch())) break;
    }
    return length - left;
  }

  /** Tells the source that no more is wanted. */
  async close(): Promise<void> {
    await this.#chunks.return?.();
  }
}
