import { EngineError } from '../../../contract/errors.ts';
import type { TransferProgress } from '../../../contract/oci-types.ts';
import { createDigester, digestAlgorithm, type Digester } from '../../oci/digest.ts';
import type { LongOptions } from '../../store/blob-store.ts';
import type { RemoteBlob } from './remote-blob.ts';

export interface CountOptions extends LongOptions {
  /** The most bytes that may be transferred; LIMIT_EXCEEDED beyond. */
  readonly maxBytes: number;
  readonly onProgress?: ((progress: TransferProgress) => void) | undefined;
}

/** A remote blob of which every byte is counted; read from its start to its end, it is hashed too. */
export class CountedBlob {
  readonly #blob: RemoteBlob;
  readonly #options: CountOptions;
  readonly #digester: Digester;
  #fetched = 0;
  #total: number | undefined;
  #isWhole = false;

  constructor(blob: RemoteBlob, options: CountOptions) {
    this.#blob = blob;
    this.#options = options;
    this.#digester = createDigester(digestAlgorithm(blob.digest));
  }

  get fetchedBytes(): number {
    return this.#fetched;
  }

  /** Whether what came is the blob, byte for byte; false while it has not come whole. */
  get isProved(): boolean {
    return this.#isWhole && this.#digester.digest() === this.#blob.digest;
  }

  get isWhole(): boolean {
    return this.#isWhole;
  }

  async open(): Promise<AsyncIterator<Uint8Array>> {
    const { bytes, totalBytes } = await this.#blob.open(this.#options);
    this.#total = totalBytes;
    return this.#counted(bytes, true);
  }

  async openFrom(start: number): Promise<AsyncIterator<Uint8Array> | undefined> {
    if (this.#total !== undefined && start >= this.#total) return undefined;
    const part = await this.#blob.openFrom(start, this.#options);
    return part === undefined ? undefined : this.#counted(part.bytes, false);
  }

  async *#counted(
    bytes: AsyncIterable<Uint8Array>,
    isFromStart: boolean,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of bytes) {
      this.#count(chunk.length);
      if (isFromStart) this.#digester.update(chunk);
      yield chunk;
    }
    this.#isWhole = isFromStart;
  }

  #count(more: number): void {
    const { maxBytes, onProgress } = this.#options;
    this.#fetched += more;
    if (this.#fetched > maxBytes) throw tooMuch(maxBytes);
    onProgress?.({
      what: 'reading a remote layer',
      bytes: this.#fetched,
      ...(this.#total === undefined ? {} : { totalBytes: this.#total }),
    });
  }
}

function tooMuch(maxBytes: number): EngineError {
  return new EngineError(
    'LIMIT_EXCEEDED',
    `listing this layer takes more than ${maxBytes} bytes from the registry`,
    { hint: 'Allow more, or pull the image to look into it.' },
  );
}
