import type { CountedBlob } from './counted-blob.ts';
import { zeros, type SkippingSource } from './skipping-source.ts';

/** A shorter content comes sooner than another request is answered. */
const SHORTEST_SKIP_BYTES = 1024 * 1024;

/** A layer that is a plain tar: a content is passed over by asking for what follows it. */
export class PlainSource implements SkippingSource {
  readonly #blob: CountedBlob;
  #bytes: AsyncIterator<Uint8Array>;
  #position = 0;
  #resumeAt = 0;
  #givesParts = true;

  constructor(blob: CountedBlob, bytes: AsyncIterator<Uint8Array>) {
    this.#blob = blob;
    this.#bytes = bytes;
  }

  async skip(_start: number, end: number): Promise<boolean> {
    if (!this.#givesParts || end - this.#position < SHORTEST_SKIP_BYTES) return false;
    const part = await this.#blob.openFrom(end);
    if (part === undefined) {
      this.#givesParts = false;
      return false;
    }
    await this.#bytes.return?.();
    this.#bytes = part;
    this.#resumeAt = end;
    return true;
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Uint8Array, void, undefined> {
    try {
      for (;;) {
        yield* zeros(this.#resumeAt - this.#position);
        this.#position = Math.max(this.#position, this.#resumeAt);
        const next = await this.#bytes.next();
        if (next.done === true) return;
        this.#position += next.value.length;
        yield next.value;
      }
    } finally {
      await this.#bytes.return?.();
    }
  }
}
