const NEWLINE = 0x0a;

/** Cuts bytes that come in pieces into lines; what follows the last line end waits for more. */
export class LineSplitter {
  #waiting: Buffer[] = [];
  /** Bytes that no line end has followed yet. */
  waitingBytes = 0;

  /** The lines that these bytes complete, each with its length in bytes, its end included. */
  *push(bytes: Buffer): Generator<{ readonly text: string; readonly length: number }, void, undefined> {
    let start = 0;
    for (let end = bytes.indexOf(NEWLINE); end >= 0; end = bytes.indexOf(NEWLINE, start)) {
      const last = bytes.subarray(start, end);
      const line = this.#waiting.length === 0 ? last : Buffer.concat([...this.#waiting, last]);
      this.#waiting = [];
      this.waitingBytes = 0;
      start = end + 1;
      yield { text: line.toString('utf8'), length: line.length + 1 };
    }
    if (start === bytes.length) return;
    // A copy: whoever reads the bytes may use their place again.
    this.#waiting.push(Buffer.from(bytes.subarray(start)));
    this.waitingBytes += bytes.length - start;
  }
}
