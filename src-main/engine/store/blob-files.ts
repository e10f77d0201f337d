import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import { cancelled, EngineError, isEngineError } from '../../contract/errors.ts';
import type { Digest } from '../../contract/oci-types.ts';
import { createDigester, digestAlgorithm, digestOf } from '../oci/digest.ts';
import type { BlobStore, Ingest, LongOptions, ReceivingBlob } from './blob-store.ts';
import type { BlobsTable } from './blobs-table.ts';
import type { ClaimsTable } from './claims-table.ts';
import { createDurableFiles, type DurableFiles, type FinishedFile } from './durable-files.ts';
import type { FileSystem, OpenFile } from './file-system.ts';
import { FileIngest, type FileIngestOptions } from './file-ingest.ts';
import { blobPath, type Layout } from './layout.ts';
import type { LeasesTable } from './leases-table.ts';
import { errorCode, mapFsError, mappingFsErrors } from './map-fs-error.ts';
import { partialPath, receivingKey } from './partial-blobs.ts';
import { ownProcessIdentity } from './process-identity.ts';
import { ReadHandles } from './read-handles.ts';

/** Larger ones outlive the collections of V8's young heap, and to have them collected costs more than it saves. */
const READ_CHUNK_BYTES = 128 * 1024;
const READ_LIMIT_BYTES = 4 * 1024 * 1024;

export interface BlobFilesOptions {
  readonly layout: Layout;
  readonly files: FileSystem;
  readonly table: BlobsTable;
  readonly leases: LeasesTable;
  readonly claims: ClaimsTable;
  readonly now: () => number;
}

/** The blob store on a file system: read-only files by digest, visible through their rows. */
export class BlobFiles implements BlobStore {
  readonly #layout: Layout;
  readonly #files: FileSystem;
  readonly #durable: DurableFiles;
  readonly #table: BlobsTable;
  readonly #leases: LeasesTable;
  readonly #claims: ClaimsTable;
  readonly #now: () => number;
  readonly #handles: ReadHandles;

  constructor(options: BlobFilesOptions) {
    this.#layout = options.layout;
    this.#files = options.files;
    this.#durable = createDurableFiles(options.files);
    this.#table = options.table;
    this.#leases = options.leases;
    this.#claims = options.claims;
    this.#now = options.now;
    this.#handles = new ReadHandles(options.files);
  }

  ingest(options: LongOptions = {}): Promise<Ingest> {
    return this.#openIngest(options.signal, (finished) => this.#publish([finished]));
  }

  async #openIngest(
    signal: AbortSignal | undefined,
    publish: (finished: FinishedFile) => Promise<void>,
  ): Promise<FileIngest> {
    const path = join(this.#layout.ingest, `${ownProcessIdentity()}.${randomBytes(8).toString('hex')}`);
    const file = await mappingFsErrors('start writing a blob', () => this.#files.create(path, 0o600));
    return new FileIngest({ ...this.#ingestOptions(path, file, signal), publish });
  }

  #ingestOptions(
    path: string,
    file: OpenFile,
    signal: AbortSignal | undefined,
  ): Omit<FileIngestOptions, 'publish'> {
    return {
      path,
      file,
      files: this.#files,
      durable: this.#durable,
      signal,
      has: (digest) => this.has(digest),
      protect: (digest) => this.#leases.whilePutting([digest], () => Promise.resolve()),
    };
  }

  async receive(
    digest: Digest,
    options: LongOptions & { onWait?: (() => void) | undefined } = {},
  ): Promise<ReceivingBlob | undefined> {
    const claim = await this.#claims.claim(receivingKey(digest), options);
    const onEnd = (): void => claim[Symbol.dispose]();
    let blob: FileIngest | undefined;
    try {
      if (await this.has(digest)) return undefined;
      const path = partialPath(this.#layout, digest);
      const file = await mappingFsErrors('start writing a blob', () => this.#files.openAppend(path, 0o600));
      blob = new FileIngest({
        ...this.#ingestOptions(path, file, options.signal),
        algorithm: digestAlgorithm(digest),
        publish: (finished) => this.#publish([finished]),
        onEnd,
      });
      await blob.recall();
      return blob;
    } catch (error) {
      await blob?.keep();
      throw error;
    } finally {
      if (blob === undefined) onEnd();
    }
  }

  async put(bytes: Uint8Array): Promise<{ digest: Digest; sizeBytes: number }> {
    const digest = digestOf(bytes);
    // Written again, it would only be thrown away.
    if (await this.#hasProtected(digest)) return { digest, sizeBytes: bytes.byteLength };
    const ingest = await this.ingest();
    try {
      await ingest.write(bytes);
      return await ingest.commit();
    } finally {
      await ingest.abort();
    }
  }

  /** Whether it is there, and will stay as long as the leases that are open here. */
  async #hasProtected(digest: Digest): Promise<boolean> {
    if (!(await this.has(digest))) return false;
    await this.#leases.whilePutting([digest], () => Promise.resolve());
    return this.has(digest);
  }

  async putAll(blobs: readonly Uint8Array[]): Promise<readonly { digest: Digest; sizeBytes: number }[]> {
    const ingests: FileIngest[] = [];
    const finished = new Map<Digest, FinishedFile>();
    try {
      const put: { digest: Digest; sizeBytes: number }[] = [];
      for (const bytes of blobs) {
        const ingest = await this.#openIngest(undefined, (file) => {
          finished.set(file.digest, file);
          return Promise.resolve();
        });
        ingests.push(ingest);
        await ingest.write(bytes);
        put.push(await ingest.finish());
      }
      if (finished.size > 0) await this.#publish([...finished.values()]);
      return put;
    } finally {
      for (const ingest of ingests) await ingest.abort();
    }
  }

  /** Names on disk first, then the rows; a lease covers the moment between, in which prune knows of no row. */
  #publish(finished: readonly FinishedFile[]): Promise<void> {
    const digests = finished.map(({ digest }) => digest);
    return this.#leases.whilePutting(digests, async () => {
      const renames = finished.map(({ path, digest }) => ({ from: path, to: this.pathOf(digest) }));
      await mappingFsErrors('put a blob in its place', () => this.#durable.publishAll(renames));
      for (const { to } of renames) await this.#handles.forget(to);
      this.#table.put(await Promise.all(finished.map((file) => this.#rowOf(file))));
    });
  }

  async #rowOf({ digest, sizeBytes }: FinishedFile): Promise<{
    digest: Digest;
    sizeBytes: number;
    mtimeMs: number;
    verifiedAt: string;
  }> {
    const status = await mappingFsErrors('look at a blob', () => this.#files.stat(this.pathOf(digest)));
    return {
      digest,
      sizeBytes,
      mtimeMs: status?.mtimeMs ?? 0,
      verifiedAt: new Date(this.#now()).toISOString(),
    };
  }

  async has(digest: Digest): Promise<boolean> {
    const row = this.#table.get(digest);
    if (row === undefined || row.isBroken) return false;
    const status = await mappingFsErrors('look at a blob', () => this.#files.stat(this.pathOf(digest)));
    return status?.isFile === true && status.sizeBytes === row.sizeBytes;
  }

  async isWhole(digest: Digest, options: LongOptions = {}): Promise<boolean> {
    if (!(await this.has(digest))) return false;
    const row = this.#table.get(digest);
    const status = await mappingFsErrors('look at a blob', () => this.#files.stat(this.pathOf(digest)));
    if (status?.mtimeMs === row?.mtimeMs) return true;
    try {
      for await (const _ of this.open(digest, options));
      return true;
    } catch (error) {
      if (!isEngineError(error, 'CORRUPT')) throw error;
      this.#table.markBroken([digest]);
      return false;
    }
  }

  sizeOf(digest: Digest): Promise<number> {
    const row = this.#table.get(digest);
    return row === undefined ? Promise.reject(missing(digest)) : Promise.resolve(row.sizeBytes);
  }

  async *open(
    digest: Digest,
    options: LongOptions & { offset?: number; length?: number; verify?: boolean } = {},
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const sizeBytes = await this.sizeOf(digest);
    const start = Math.min(options.offset ?? 0, sizeBytes);
    const end = Math.min(start + (options.length ?? sizeBytes), sizeBytes);
    const isWhole = start === 0 && end === sizeBytes;
    const chunks = this.#readChunks(digest, start, end, options.signal);
    yield* options.verify !== false && isWhole ? verifying(digest, chunks) : chunks;
  }

  async *#readChunks(
    digest: Digest,
    start: number,
    end: number,
    signal: AbortSignal | undefined,
  ): AsyncGenerator<Uint8Array, void, undefined> {
    const file = await this.#openFile(digest);
    try {
      for (let at = start; at < end;) {
        if (signal?.aborted === true) throw cancelled('reading a blob');
        const chunk = Buffer.allocUnsafeSlow(Math.min(READ_CHUNK_BYTES, end - at));
        const count = await mappingFsErrors(`read the blob ${digest}`, () => file.read(chunk, at));
        if (count === 0) throw cutOff(digest);
        at += count;
        yield chunk.subarray(0, count);
      }
    } finally {
      await file.close();
    }
  }

  async #openFile(digest: Digest): ReturnType<FileSystem['openRead']> {
    try {
      return await this.#files.openRead(this.pathOf(digest));
    } catch (error) {
      throw errorCode(error) === 'ENOENT' ? missing(digest) : mapFsError(error, `open the blob ${digest}`);
    }
  }

  async read(digest: Digest, options: LongOptions & { limitBytes?: number } = {}): Promise<Uint8Array> {
    const sizeBytes = await this.sizeOf(digest);
    const limitBytes = options.limitBytes ?? READ_LIMIT_BYTES;
    if (sizeBytes > limitBytes) {
      throw new EngineError(
        'LIMIT_EXCEEDED',
        `the blob ${digest} has ${sizeBytes} bytes, more than ${limitBytes}`,
      );
    }
    const chunks: Uint8Array[] = [];
    for await (const chunk of this.open(digest, { signal: options.signal })) chunks.push(chunk);
    return Buffer.concat(chunks);
  }

  async readAt(digest: Digest, offset: number, length: number): Promise<Uint8Array> {
    const path = this.pathOf(digest);
    try {
      return await this.#handles.use(path, async (file) => {
        const bytes = Buffer.allocUnsafeSlow(length);
        let filled = 0;
        while (filled < length) {
          const count = await file.read(bytes.subarray(filled), offset + filled);
          if (count === 0) break;
          filled += count;
        }
        return bytes.subarray(0, filled);
      });
    } catch (error) {
      throw errorCode(error) === 'ENOENT' ? missing(digest) : mapFsError(error, `read the blob ${digest}`);
    }
  }

  pathOf(digest: Digest): string {
    return blobPath(this.#layout, digest);
  }

  async *list(): AsyncGenerator<{ digest: Digest; sizeBytes: number }, void, undefined> {
    for (const { digest, sizeBytes, isBroken } of this.#table.list()) {
      if (!isBroken) yield { digest, sizeBytes };
    }
  }

  /** Lets go of a file that has been removed. */
  forget(path: string): Promise<void> {
    return this.#handles.forget(path);
  }

  close(): Promise<void> {
    return this.#handles.close();
  }
}

/** Passes the bytes on and rejects at the end when their digest is another (R14). */
async function* verifying(
  digest: Digest,
  chunks: AsyncIterable<Uint8Array>,
): AsyncGenerator<Uint8Array, void, undefined> {
  const digester = createDigester(digestAlgorithm(digest));
  for await (const chunk of chunks) {
    digester.update(chunk);
    yield chunk;
  }
  if (digester.digest() !== digest) {
    throw new EngineError('CORRUPT', `the stored blob ${digest} is damaged: its bytes have another digest`, {
      hint: 'Run "varve verify" to see what it belongs to, then pull or build that again.',
    });
  }
}

function missing(digest: Digest): EngineError {
  return new EngineError('NOT_FOUND', `the blob ${digest} is not in the store`);
}

function cutOff(digest: Digest): EngineError {
  return new EngineError('CORRUPT', `the stored blob ${digest} is shorter than it was`, {
    hint: 'Run "varve verify" to see what it belongs to, then pull or build that again.',
  });
}
