import { cancelled, EngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { createDigester, digestAlgorithm, type DigestAlgorithm, type Digester } from '../oci/digest.ts';
import type { ReceivingBlob } from './blob-store.ts';
import type { DurableFiles, FinishedFile } from './durable-files.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { mapFsError, mappingFsErrors } from './map-fs-error.ts';

export interface FileIngestOptions {
  readonly path: string;
  readonly file: OpenFile;
  readonly files: FileSystem;
  readonly durable: DurableFiles;
  readonly signal: AbortSignal | undefined;
  /** Of the digest that is expected; sha256 where none is. */
  readonly algorithm?: DigestAlgorithm;
  readonly publish: (finished: FinishedFile) => Promise<void>;
  readonly has: (digest: Digest) => Promise<boolean>;
  /** Makes the open leases protect a blob that is already there. */
  readonly protect: (digest: Digest) => Promise<void>;
  /** Called once, when the file is no longer written to. */
  readonly onEnd?: () => void;
}

/** Small writes are collected up to this many bytes; a tar has many of them. */
const BUFFER_BYTES = 256 * 1024;
const WHAT = 'write a blob';
const NO_BYTES = Buffer.alloc(0);

/** An incoming blob in a file of its own. */
export class FileIngest implements ReceivingBlob {
  readonly #options: FileIngestOptions;
  readonly #algorithm: DigestAlgorithm;
  readonly #digester: Digester;
  #resumedBytes = 0;
  #buffer: Buffer = NO_BYTES;
  #buffered = 0;
  #sizeBytes = 0;
  #state: 'open' | 'closed' | 'ended' = 'open';

  constructor(options: FileIngestOptions) {
    this.#options = options;
    this.#algorithm = options.algorithm ?? 'sha256';
    this.#digester = createDigester(this.#algorithm);
  }

  get resumedBytes(): number {
    return this.#resumedBytes;
  }

  /** Hashes what the file has already; before the first write. */
  async recall(): Promise<void> {
    const chunk = Buffer.allocUnsafeSlow(BUFFER_BYTES);
    for (;;) {
      this.#check();
      const count = await mappingFsErrors(WHAT, () => this.#options.file.read(chunk, this.#sizeBytes));
      if (count === 0) break;
      this.#digester.update(chunk.subarray(0, count));
      this.#sizeBytes += count;
    }
    this.#resumedBytes = this.#sizeBytes;
  }

  get sizeBytes(): number {
    return this.#sizeBytes;
  }

  async write(bytes: Uint8Array): Promise<void> {
    this.#check();
    this.#sizeBytes += bytes.length;
    if (this.#buffered + bytes.length <= BUFFER_BYTES) {
      if (this.#buffer.length === 0) this.#buffer = Buffer.allocUnsafeSlow(BUFFER_BYTES);
      this.#buffer.set(bytes, this.#buffered);
      this.#buffered += bytes.length;
      return;
    }
    await this.#flush();
    await this.#append(bytes);
  }

  #check(): void {
    if (this.#state !== 'open')
      throw new EngineError('INTERNAL', 'a blob was written to after it was committed or aborted');
    if (this.#options.signal?.aborted === true) throw cancelled('writing a blob');
  }

  async #flush(): Promise<void> {
    const length = this.#buffered;
    this.#buffered = 0;
    if (length > 0) await this.#append(this.#buffer.subarray(0, length));
  }

  /** Hashes while the disk works. */
  async #append(bytes: Uint8Array): Promise<void> {
    const writing = this.#options.file.write(bytes);
    this.#digester.update(bytes);
    try {
      await writing;
    } catch (error) {
      throw mapFsError(error, WHAT);
    }
  }

  async commit(
    expected: { readonly digest?: Digest; readonly sizeBytes?: number } = {},
  ): Promise<{ digest: Digest; sizeBytes: number }> {
    this.#check();
    try {
      return await this.finish(expected);
    } finally {
      await this.abort();
    }
  }

  /** As `commit`, but leaves the file until `abort`: for who publishes several at once. */
  async finish(
    expected: { readonly digest?: Digest; readonly sizeBytes?: number } = {},
  ): Promise<{ digest: Digest; sizeBytes: number }> {
    await this.#flush();
    this.#checkSize(expected.sizeBytes);
    const digest = await this.#checkedDigest(expected.digest);
    await this.#publish(digest);
    return { digest, sizeBytes: this.#sizeBytes };
  }

  #checkSize(sizeBytes: number | undefined): void {
    if (sizeBytes === undefined || sizeBytes === this.#sizeBytes) return;
    throw new EngineError('CORRUPT', `a blob has ${this.#sizeBytes} bytes instead of ${sizeBytes}`);
  }

  async #checkedDigest(expected: Digest | undefined): Promise<Digest> {
    const algorithm = expected === undefined ? this.#algorithm : digestAlgorithm(expected);
    const digest = algorithm === this.#algorithm ? this.#digester.digest() : await this.#hashAgain(algorithm);
    if (expected === undefined || expected === digest) return digest;
    throw new EngineError('CORRUPT', `a blob's digest is ${digest} instead of ${expected}`);
  }

  /** Only now is it known that the digest is of another kind than the one that was made while writing. */
  async #hashAgain(algorithm: DigestAlgorithm): Promise<Digest> {
    const digester = createDigester(algorithm);
    for (let at = 0; at < this.#sizeBytes;) {
      const count = await this.#options.file.read(this.#buffer, at);
      if (count === 0) throw new EngineError('IO', 'a blob that was just written cannot be read back');
      digester.update(this.#buffer.subarray(0, count));
      at += count;
    }
    return digester.digest();
  }

  /** What is already there needs no second copy; its leases do. */
  async #publish(digest: Digest): Promise<void> {
    await this.#options.protect(digest);
    if (await this.#options.has(digest)) return;
    this.#state = 'closed';
    try {
      await this.#options.durable.finish(this.#options.file);
    } catch (error) {
      throw mapFsError(error, WHAT);
    }
    const { path } = this.#options;
    await this.#options.publish({ path, digest, sizeBytes: this.#sizeBytes });
  }

  async abort(): Promise<void> {
    if (this.#state === 'ended') return;
    const wasOpen = this.#state === 'open';
    this.#state = 'ended';
    if (wasOpen) await this.#options.file.close().catch(leftToRecovery);
    await this.#options.files.unlink(this.#options.path).catch(leftToRecovery);
    this.#options.onEnd?.();
  }

  async keep(): Promise<void> {
    if (this.#state !== 'open' || this.#sizeBytes === 0) return this.abort();
    // What cannot be written is only to be received again.
    await this.#flush().catch(leftToRecovery);
    this.#state = 'ended';
    await this.#options.file.close().catch(leftToRecovery);
    this.#options.onEnd?.();
  }
}

/** The file is gone already once it was published; one that cannot be removed goes when the store is next opened. */
function leftToRecovery(): void {
  // An error here must not hide the one that led to it.
}
