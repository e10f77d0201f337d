import { EngineError, isEngineError } from '../../../contract/errors.ts';
import type { Descriptor } from '../../oci/descriptor.ts';
import type { BlobStore, ReceivingBlob } from '../../store/blob-store.ts';
import { endpointName } from '../config/endpoints.ts';
import { registryError } from '../remote/registry-error.ts';
import type { BlobSource, PullSource } from './pull-source.ts';
import { describeWait, pause, waitBefore } from '../session/retry.ts';
import type { BlobMeter } from '../transfer-meter.ts';
import type { HttpResponse } from '../http/transport.ts';
import { tryEach } from '../session/try-each.ts';

export interface BlobPull {
  readonly blobs: BlobStore;
  readonly source: PullSource;
  readonly signal?: AbortSignal | undefined;
}

/**
 * Brings a blob into the store, from the byte where an earlier try ended. Hashed as it comes; what has another size or
 * digest than its descriptor says is not stored, and the next endpoint is asked.
 */
export async function pullBlob(pull: BlobPull, descriptor: Descriptor, meter: BlobMeter): Promise<void> {
  await tryEach(pull.source.sourcesOf(descriptor), async (source) => {
    const how = await pullFrom(pull, source, descriptor, meter);
    // What an earlier process had received may be what is wrong.
    if (how === 'damaged before') await pullFrom(pull, source, descriptor, meter);
  });
}

async function pullFrom(
  pull: BlobPull,
  source: BlobSource,
  descriptor: Descriptor,
  meter: BlobMeter,
): Promise<'whole' | 'damaged before'> {
  const { digest, size } = descriptor;
  const onWait = (): void => meter.waiting('another process pulls it');
  const blob = await pull.blobs.receive(digest, { signal: pull.signal, onWait });
  if (blob === undefined) {
    meter.there();
    return 'whole';
  }
  try {
    meter.from(blob.sizeBytes);
    await fill(pull, source, descriptor, blob, meter);
    meter.verifying();
    await blob.commit({ digest, sizeBytes: size });
    meter.done();
    return 'whole';
  } catch (error) {
    if (!isEngineError(error, 'CORRUPT')) throw error;
    await blob.abort();
    if (blob.resumedBytes > 0) return 'damaged before';
    throw error;
  } finally {
    await blob.keep();
  }
}

/** A transfer that moves this much between two cuts comes to its end; one that does not is given up in time. */
const PROGRESS_BYTES = 64 * 1024;

async function fill(
  pull: BlobPull,
  source: BlobSource,
  descriptor: Descriptor,
  blob: ReceivingBlob,
  meter: BlobMeter,
): Promise<void> {
  const { settings, endpoint } = source.session;
  let attempt = 0;
  while (blob.sizeBytes < descriptor.size) {
    const before = blob.sizeBytes;
    const response = await request(pull, source, descriptor, before, meter);
    try {
      const skip = checkAnswer(response, before, descriptor, endpointName(endpoint));
      await write(response, skip, descriptor, blob, meter);
    } catch (error) {
      attempt = blob.sizeBytes - before >= PROGRESS_BYTES ? 1 : attempt + 1;
      const host = endpointName(endpoint);
      const wait = waitBefore({ outcome: { error }, attempt, settings, host, hasAnswered: true });
      await response.discard();
      if (wait === undefined) throw error;
      meter.retrying(describeWait(wait));
      await pause(wait.ms, pull.signal);
    }
  }
}

async function request(
  pull: BlobPull,
  { session, path }: BlobSource,
  { digest }: Descriptor,
  from: number,
  meter: BlobMeter,
): Promise<HttpResponse> {
  const response = await session.send({
    method: 'GET',
    path,
    headers: from === 0 ? {} : { range: `bytes=${from}-` },
    scope: { repository: pull.source.repository, actions: ['pull'] },
    signal: pull.signal,
    onWait: (wait) => meter.retrying(describeWait(wait)),
  });
  if (response.status === 200 || (response.status === 206 && from > 0)) return response;
  if (response.status !== 416) {
    throw await registryError(response, `get ${digest} from ${endpointName(session.endpoint)}`);
  }
  await response.discard();
  throw new EngineError(
    'CORRUPT',
    `${endpointName(session.endpoint)} has fewer bytes of ${digest} than its size`,
  );
}

/** Answers how many bytes to skip: a server that does not know ranges sends all. */
function checkAnswer(
  response: HttpResponse,
  from: number,
  { digest, size }: Descriptor,
  name: string,
): number {
  if (response.status === 206) {
    const [, start, total] = /^bytes (\d+)-\d*\/(\d+|\*)$/.exec(response.header('content-range') ?? '') ?? [];
    if (Number(start) === from && (total === '*' || Number(total) === size)) return 0;
    throw new EngineError('CORRUPT', `${name} sent another part of ${digest} than it was asked for`);
  }
  const length = response.header('content-length');
  if (length === undefined || Number(length) === size) return from;
  throw new EngineError('CORRUPT', `${name} has ${length} bytes of ${digest} instead of ${size}`);
}

async function write(
  response: HttpResponse,
  skip: number,
  { digest, size }: Descriptor,
  blob: ReceivingBlob,
  meter: BlobMeter,
): Promise<void> {
  let skipped = 0;
  for await (const chunk of response.body) {
    const bytes = chunk.subarray(Math.min(chunk.length, skip - skipped));
    skipped += chunk.length - bytes.length;
    if (blob.sizeBytes + bytes.length > size) {
      throw new EngineError('CORRUPT', `the registry sends more than the ${size} bytes of ${digest}`);
    }
    await blob.write(bytes);
    meter.moved(bytes.length);
  }
  if (blob.sizeBytes < size) throw endedEarly(digest, blob.sizeBytes, size);
}

function endedEarly(digest: string, bytes: number, size: number): EngineError {
  const cause = Object.assign(new Error(`${bytes} of ${size} bytes of ${digest}`), { code: 'ECONNRESET' });
  return new EngineError('REGISTRY', `the registry sent only ${bytes} of the ${size} bytes of ${digest}`, {
    cause,
  });
}
