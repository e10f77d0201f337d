import { isEngineError, type EngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { Store } from '../../store/store.ts';
import { hasBlob } from './has-blob.ts';
import type { KeptUpload } from './kept-uploads.ts';
import { readRefusal, refusalError, registryError, type Refusal } from '../remote/registry-error.ts';
import type { RemoteRepository } from '../remote/remote-repository.ts';
import { describeWait, pause, waitBefore, type Outcome, type Wait } from '../session/retry.ts';
import type { BlobMeter } from '../transfer-meter.ts';
import type { HttpResponse } from '../http/transport.ts';
import { uploadLocation } from './upload-location.ts';

export interface UploadSource {
  readonly store: Store;
  readonly repository: RemoteRepository;
  readonly descriptor: Descriptor;
  readonly kept: KeptUpload;
  readonly meter: BlobMeter;
  readonly signal?: AbortSignal | undefined;
}

/** What came of one request, and with what it was refused. */
type Step = { readonly kind: 'moved' } | { readonly kind: 'done' } | Failure;

type Failure =
  /** There was no answer, or one that may be another next time. */
  | { readonly kind: 'passing'; readonly outcome: Outcome; readonly refusal?: Refusal }
  | { readonly kind: RefusalKind; readonly refusal: Refusal };

type RefusalKind =
  /** The registry does not know the upload any more. */
  | 'forgotten'
  /** It holds another number of bytes than we thought. */
  | 'misplaced'
  | 'too-large'
  /** It takes no chunks. */
  | 'no-chunks'
  /** The bytes have another digest. */
  | 'wrong-bytes'
  | 'refused';

const MIB = 1024 * 1024;
const SMALLEST_CHUNK_BYTES = MIB;
const CANCEL_MS = 5_000;
const NOTHING = new Uint8Array();

/**
 * The upload of one blob (distribution-spec, "Pushing blobs"): in one piece when it fits into one chunk, else in
 * chunks. After a cut it goes on where the registry says that it stands, and begins anew where the registry does not
 * know (Docker's own registry forgets an upload of which half a chunk came). Cancelled, it leaves nothing there.
 */
export class BlobUpload {
  readonly #source: UploadSource;
  #location: URL | undefined;
  /** Bytes that the registry has. */
  #offset = 0;
  /** The most that it has ever had: only getting further earns new patience. */
  #furthest = 0;
  #failures = 0;
  #chunkBytes: number;
  #inChunks: boolean;

  constructor(source: UploadSource) {
    this.#source = source;
    this.#chunkBytes = Math.ceil(source.repository.session.settings.chunkMiB * MIB);
    this.#inChunks = source.descriptor.size > this.#chunkBytes;
  }

  /** Resolves when the registry has the blob. `begun` is an upload that it has just opened. */
  async run(begun?: URL): Promise<void> {
    try {
      if (begun !== undefined) this.#moveTo(begun, 0);
      else if (this.#inChunks) await this.#resume();
      for (let isDone = false; !isDone;) {
        const step = await this.#next();
        if (step.kind !== 'moved') isDone = step.kind === 'done' || (await this.#recover(step));
      }
      this.#source.kept.forget();
    } catch (error) {
      if (isEngineError(error, 'CANCELLED')) await this.#abandon();
      throw error;
    }
  }

  #next(): Promise<Step> {
    if (this.#location === undefined) return this.#begin();
    const { size } = this.#source.descriptor;
    return this.#inChunks && this.#offset < size
      ? this.#sendChunk(this.#location)
      : this.#finish(this.#location);
  }

  async #begin(): Promise<Step> {
    const { repository, signal } = this.#source;
    const onWait = this.#onWait;
    const path = 'blobs/uploads/';
    const response = await repository.send({ method: 'POST', path, body: NOTHING, signal, onWait });
    const location = uploadLocation(repository, response);
    if (response.status !== 202 || location === undefined) throw await registryError(response, this.#what());
    await response.discard();
    this.#chunkBytes = Math.max(this.#chunkBytes, Number(response.header('oci-chunk-min-length') ?? 0) || 0);
    this.#moveTo(location, 0);
    return { kind: 'moved' };
  }

  #moveTo(location: URL, offset: number): void {
    this.#location = location;
    this.#offset = offset;
    if (this.#inChunks) this.#source.kept.set(location);
    if (offset > this.#furthest) this.#failures = 0;
    this.#furthest = Math.max(offset, this.#furthest);
  }

  /** The next request begins the upload anew. */
  #startOver(): void {
    this.#location = undefined;
    this.#offset = 0;
    this.#source.kept.forget();
    this.#source.meter.from(0);
  }

  /** Goes on with what another process has begun, where the registry still knows it. */
  async #resume(): Promise<void> {
    const location = this.#source.kept.get();
    if (location !== undefined) await this.#askPosition(location);
  }

  /** Asks where the upload stands; an upload that the registry does not know begins anew. */
  async #askPosition(location: URL): Promise<void> {
    const { repository, signal, meter } = this.#source;
    const onWait = this.#onWait;
    const response = await repository.send({ method: 'GET', path: location, signal, onWait });
    await response.discard();
    const position = response.status === 204 ? positionOf(response) : undefined;
    if (position === undefined || position > this.#source.descriptor.size) {
      this.#startOver();
      return;
    }
    this.#moveTo(uploadLocation(repository, response) ?? location, position);
    meter.from(position);
  }

  async #sendChunk(location: URL): Promise<Step> {
    const end = Math.min(this.#offset + this.#chunkBytes, this.#source.descriptor.size);
    const headers = { 'content-range': `${this.#offset}-${end - 1}` };
    const outcome = await this.#send('PATCH', location, headers, end);
    if (!('response' in outcome)) return { kind: 'passing', outcome };
    const { response } = outcome;
    if (response.status !== 202) return this.#readRefusal(response, 'PATCH');
    await response.discard();
    this.#moveTo(uploadLocation(this.#source.repository, response) ?? location, positionOf(response) ?? end);
    return { kind: 'moved' };
  }

  /** Sends what is left, and says which digest all of it has. */
  async #finish(location: URL): Promise<Step> {
    const { digest, size } = this.#source.descriptor;
    const url = new URL(location);
    url.searchParams.set('digest', digest);
    const outcome = await this.#send('PUT', url, {}, size);
    if (!('response' in outcome)) return { kind: 'passing', outcome };
    if (outcome.response.status !== 201) return this.#readRefusal(outcome.response, 'PUT');
    await outcome.response.discard();
    return { kind: 'done' };
  }

  async #send(
    method: 'PATCH' | 'PUT',
    path: URL,
    headers: Readonly<Record<string, string>>,
    end: number,
  ): Promise<Outcome> {
    const { repository, signal } = this.#source;
    const from = this.#offset;
    const request = {
      method,
      path,
      headers: { 'content-type': 'application/octet-stream', ...headers },
      body: from === end ? NOTHING : () => this.#read(from, end),
      contentLength: end - from,
      signal,
      once: true,
    };
    try {
      return { response: await repository.send(request) };
    } catch (error) {
      if (!isEngineError(error, 'REGISTRY')) throw error;
      // What broke may be our own reading.
      if (isEngineError(error.cause)) throw error.cause;
      return { error };
    }
  }

  /** Unverified: the registry hashes what it gets, and what it refuses is hashed here. */
  async *#read(from: number, end: number): AsyncGenerator<Uint8Array, void, undefined> {
    const { store, descriptor, meter, signal } = this.#source;
    const part = { offset: from, length: end - from, verify: false, signal };
    for await (const chunk of store.blobs.open(descriptor.digest, part)) {
      yield chunk;
      meter.moved(chunk.length);
    }
  }

  async #readRefusal(response: HttpResponse, method: 'PATCH' | 'PUT'): Promise<Step> {
    const refusal = await readRefusal(response);
    const outcome = { response };
    if (this.#waitAfter(outcome, 1) !== undefined) return { kind: 'passing', outcome, refusal };
    return { kind: kindOf(refusal, method), refusal };
  }

  /** Makes ready for the next request; true when the registry has the blob after all. */
  async #recover(step: Failure): Promise<boolean> {
    this.#failures += 1;
    if (step.kind === 'passing') return this.#waitAndLook(step);
    if (this.#failures > this.#source.repository.session.settings.attempts) throw this.#error(step.refusal);
    switch (step.kind) {
      case 'forgotten':
        // A registry that takes one chunk only forgets each upload at its second.
        if (this.#failures > 1) this.#inChunks = false;
        this.#startOver();
        return false;
      case 'misplaced':
        await this.#askPositionAgain();
        return false;
      case 'too-large':
        await this.#shrink(step.refusal);
        return false;
      case 'no-chunks':
        await this.#abandon();
        this.#inChunks = false;
        return false;
      case 'wrong-bytes':
        await this.#checkOwnBytes();
        this.#startOver();
        return false;
      case 'refused':
        throw this.#error(step.refusal);
    }
  }

  /** After a pause: the registry may have taken the last request although its answer was lost. */
  async #waitAndLook({ outcome, refusal }: Extract<Failure, { kind: 'passing' }>): Promise<boolean> {
    const { repository, descriptor, signal } = this.#source;
    const wait = this.#waitAfter(outcome, this.#failures);
    if (wait === undefined) throw refusal === undefined ? errorOf(outcome) : this.#error(refusal);
    const onWait = this.#onWait;
    onWait(wait);
    await pause(wait.ms, signal);
    if (await hasBlob(repository, descriptor.digest, { signal, onWait })) return true;
    if (this.#inChunks && this.#location !== undefined) await this.#askPosition(this.#location);
    else this.#startOver();
    return false;
  }

  /** An upload whose position the registry tells and then does not accept begins anew. */
  async #askPositionAgain(): Promise<void> {
    const refused = this.#offset;
    if (this.#location !== undefined) await this.#askPosition(this.#location);
    if (this.#offset === refused) this.#startOver();
  }

  async #shrink(refusal: Refusal): Promise<void> {
    const sent = Math.min(this.#chunkBytes, this.#source.descriptor.size - this.#offset);
    if (sent <= SMALLEST_CHUNK_BYTES) throw this.#error(refusal);
    this.#chunkBytes = Math.max(SMALLEST_CHUNK_BYTES, Math.ceil(sent / 2));
    this.#inChunks = true;
    if (this.#location !== undefined) await this.#askPosition(this.#location);
  }

  async #checkOwnBytes(): Promise<void> {
    const { store, descriptor, signal } = this.#source;
    for await (const _ of store.blobs.open(descriptor.digest, { signal }));
  }

  /** Tells the registry that nothing more comes. It sweeps unfinished uploads anyway: a failure is no one's concern. */
  async #abandon(): Promise<void> {
    const location = this.#location;
    this.#startOver();
    if (location === undefined) return;
    const signal = AbortSignal.timeout(CANCEL_MS);
    const request = { method: 'DELETE', path: location, signal, once: true } as const;
    await this.#source.repository.send(request).then(
      (response) => response.discard(),
      () => {},
    );
  }

  #waitAfter(outcome: Outcome, attempt: number): ReturnType<typeof waitBefore> {
    const { endpoint, settings } = this.#source.repository.session;
    const { host } = new URL(endpoint.origin);
    return waitBefore({ outcome, attempt, settings, host, hasAnswered: true });
  }

  readonly #onWait = (wait: Wait): void => this.#source.meter.retrying(describeWait(wait));

  #what(): string {
    const { registry, repository } = this.#source.repository;
    return `push ${this.#source.descriptor.digest} to ${registry}/${repository}`;
  }

  #error(refusal: Refusal): EngineError {
    return refusalError(refusal, this.#what());
  }
}

function kindOf({ status, code }: Refusal, method: 'PATCH' | 'PUT'): RefusalKind {
  if (status === 416) return 'misplaced';
  if (status === 413) return 'too-large';
  if (code === 'DIGEST_INVALID') return 'wrong-bytes';
  if (status === 404 || code === 'BLOB_UPLOAD_UNKNOWN' || code === 'BLOB_UPLOAD_INVALID') return 'forgotten';
  const isUnsupported = status === 400 || status === 405 || status === 501 || code === 'UNSUPPORTED';
  return isUnsupported && method === 'PATCH' ? 'no-chunks' : 'refused';
}

/** `Range: 0-99` says that 100 bytes are there; Docker's registry says 0-0 of an upload without any. */
function positionOf(response: HttpResponse): number | undefined {
  const [, last] = /^(?:bytes=)?0-(\d{1,15})$/.exec(response.header('range') ?? '') ?? [];
  return last === undefined ? undefined : last === '0' ? 0 : Number(last) + 1;
}

function errorOf(outcome: Outcome): unknown {
  return 'error' in outcome ? outcome.error : undefined;
}
