import { Readable } from 'node:stream';
import type { Dispatcher } from 'undici';
import { cancelled } from '../../../contract/errors.ts';
import { createDispatchers, type TlsSettings } from './dispatchers.ts';
import { unreachable } from './network-failure.ts';
import type { Environment } from './proxy-of.ts';

export interface Timeouts {
  readonly connectMs: number;
  /** The longest time in which no byte moves. */
  readonly stallMs: number;
}

export interface HttpRequest {
  readonly method: 'GET' | 'HEAD' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  readonly url: URL;
  readonly headers?: Readonly<Record<string, string>> | undefined;
  /** A function gives the bytes anew for each try. */
  readonly body?: Uint8Array | (() => AsyncIterable<Uint8Array>) | undefined;
  /** Of a body that is a function; without it, it is sent in chunks. */
  readonly contentLength?: number | undefined;
  readonly tls?: TlsSettings | undefined;
  readonly timeouts: Timeouts;
  readonly signal?: AbortSignal | undefined;
}

export interface HttpResponse {
  readonly status: number;
  /** The first value of a header; names in lower case. */
  header(name: string): string | undefined;
  headerValues(name: string): readonly string[];
  /** The bytes as they come, once, without decoding. REGISTRY when they end early or stall, CANCELLED. */
  readonly body: AsyncIterable<Uint8Array>;
  /** Lets go of a body that nobody reads, so that the connection can serve again. */
  discard(): Promise<void>;
}

/** HTTP/1.1 over pooled connections, through the proxies that the environment names. One for an engine. */
export interface Transport {
  /** One request, one answer: follows no redirect, tries nothing twice. REGISTRY when there is no answer, CANCELLED. */
  request(request: HttpRequest): Promise<HttpResponse>;
  /** Ends all requests. */
  close(): Promise<void>;
}

export function createTransport(options: { readonly env: Environment }): Transport {
  const dispatchers = createDispatchers(options.env);
  return {
    request: async (request) => {
      if (request.signal?.aborted === true) throw cancelled('The transfer');
      const upload = watchUpload(request);
      try {
        const dispatcher = await dispatchers.for(request.url, request.tls, request.timeouts.connectMs);
        const answer = await dispatcher.request({
          origin: request.url.origin,
          path: `${request.url.pathname}${request.url.search}`,
          method: request.method,
          headers: headersOf(request),
          body: upload.body,
          signal: upload.signal ?? null,
          headersTimeout: request.timeouts.stallMs,
          bodyTimeout: request.timeouts.stallMs,
        });
        return responseOf(answer, request);
      } catch (error) {
        throw failed(request, upload.stalled() ?? error);
      } finally {
        upload.end();
      }
    },
    close: () => dispatchers.close(),
  };
}

function headersOf({ headers, body, contentLength }: HttpRequest): Record<string, string> {
  const length = body instanceof Uint8Array ? body.length : contentLength;
  return {
    // What is hashed and counted is what the registry stores.
    'accept-encoding': 'identity',
    'user-agent': 'varve',
    ...headers,
    ...(length === undefined ? {} : { 'content-length': String(length) }),
  };
}

function responseOf(answer: Dispatcher.ResponseData, request: HttpRequest): HttpResponse {
  const headerValues = (name: string): readonly string[] => {
    const value = answer.headers[name];
    return value === undefined ? [] : typeof value === 'string' ? [value] : value;
  };
  return {
    status: answer.statusCode,
    header: (name) => headerValues(name)[0],
    headerValues,
    body: bodyOf(answer, request),
    discard: () => answer.body.dump({ limit: DISCARDED_BYTES }).catch(() => {}),
  };
}

/** A longer rest costs more to read than a new connection. */
const DISCARDED_BYTES = 64 * 1024;

async function* bodyOf(
  answer: Dispatcher.ResponseData,
  request: HttpRequest,
): AsyncGenerator<Uint8Array, void, undefined> {
  try {
    for await (const chunk of answer.body) yield chunk as Uint8Array;
  } catch (error) {
    throw failed(request, error);
  }
}

function failed({ url, signal }: HttpRequest, error: unknown): Error {
  return signal?.aborted === true ? cancelled('The transfer') : unreachable(url.host, error);
}

interface Upload {
  readonly body: Uint8Array | Readable | null;
  readonly signal: AbortSignal | undefined;
  /** The error of an upload that stalled. */
  stalled(): Error | undefined;
  end(): void;
}

/** undici's own limits begin when all is sent: this one ends an upload of which the server takes nothing more. */
function watchUpload({ body, signal, timeouts }: HttpRequest): Upload {
  if (body === undefined || body instanceof Uint8Array)
    return { body: body ?? null, signal, stalled: () => undefined, end: () => {} };
  const stop = new AbortController();
  let timer: NodeJS.Timeout | undefined;
  const wait = (): void => {
    clearTimeout(timer);
    timer = setTimeout(() => stop.abort(), timeouts.stallMs);
  };
  async function* watched(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<Uint8Array, void, undefined> {
    for await (const chunk of chunks) {
      wait();
      yield chunk;
    }
    clearTimeout(timer);
  }
  return {
    body: Readable.from(watched(body()), { objectMode: false }),
    signal: signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]),
    stalled: () =>
      stop.signal.aborted ? Object.assign(new Error('nothing was taken'), { code: 'ETIMEDOUT' }) : undefined,
    end: () => clearTimeout(timer),
  };
}
