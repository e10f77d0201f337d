import { cancelled, EngineError } from '../contract/errors.ts';
import type { Method } from '../contract/method.ts';
import { createApi } from './contract-of.ts';
import type { AnyCall, ApiOf, Contract } from './contract-of.ts';
import { responseSchema } from './envelope.ts';
import type { Request, Response } from './envelope.ts';
import { parseAnswer } from './parse-with.ts';
import type { Port } from './port.ts';
import { parseWireError } from './wire-error.ts';

export interface ApiConnection<C extends Contract> {
  readonly api: ApiOf<C>;
  /** Hears every event; the returned function ends it. */
  on(listener: (name: string, payload: unknown) => void): () => void;
  onClose(listener: () => void): void;
  close(): void;
}

interface PendingCall {
  readonly call: string;
  readonly method: Method;
  readonly onProgress: ((item: unknown) => void) | undefined;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: unknown) => void;
}

/** The caller's end of any contract. */
export function connectApi<C extends Contract>(contract: C, port: Port): ApiConnection<C> {
  const calls = new PendingCalls(port);
  const listeners = new Set<(name: string, payload: unknown) => void>();
  port.onClose(() => calls.disconnect());
  port.onMessage((message) => {
    const { data } = responseSchema.safeParse(message);
    if (data === undefined) return;
    if (data.type !== 'event') calls.settle(data);
    else for (const listener of [...listeners]) listener(data.name, data.payload);
  });
  return {
    api: createApi(contract, (area, name, method) => calls.caller(area, name, method)),
    on: (listener) => {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    onClose: (listener) => port.onClose(listener),
    close: () => port.close(),
  };
}

/** The calls that wait for their answer, by number. */
class PendingCalls {
  readonly #port: Port;
  readonly #pending = new Map<number, PendingCall>();
  #lastId = 0;
  #connected = true;

  constructor(port: Port) {
    this.#port = port;
  }

  /** The function for one method. It settles when the engine has answered, also after an abort. */
  caller(area: string, name: string, method: Method): AnyCall {
    const call = `${area}.${name}`;
    return (params, options) => {
      const { signal, onProgress } = options ?? {};
      if (!this.#connected) return Promise.reject(disconnected(call));
      if (signal?.aborted === true) return Promise.reject(cancelled(call));
      const id = (this.#lastId += 1);
      const abort = (): void => this.#send({ type: 'cancel', id });
      signal?.addEventListener('abort', abort, { once: true });
      return new Promise<unknown>((resolve, reject) => {
        this.#pending.set(id, { call, method, onProgress, resolve, reject });
        this.#send({ type: 'call', id, area, method: name, params: plain(params) });
      }).finally(() => signal?.removeEventListener('abort', abort));
    };
  }

  settle(response: Exclude<Response, { type: 'event' }>): void {
    const pending = this.#pending.get(response.id);
    if (pending === undefined) return;
    try {
      this.#apply(response, pending);
    } catch (error) {
      this.#pending.delete(response.id);
      this.#send({ type: 'cancel', id: response.id });
      pending.reject(error);
    }
  }

  disconnect(): void {
    this.#connected = false;
    for (const { call, reject } of this.#pending.values()) reject(disconnected(call));
    this.#pending.clear();
  }

  #apply(response: Exclude<Response, { type: 'event' }>, pending: PendingCall): void {
    const { call, method } = pending;
    if (response.type === 'progress') {
      for (const item of response.items) pending.onProgress?.(parseAnswer(method.progress, item, call));
      return;
    }
    this.#pending.delete(response.id);
    if (response.type === 'error') pending.reject(parseWireError(response.error));
    else pending.resolve(parseAnswer(method.result, response.value, call));
  }

  #send(request: Request): void {
    this.#port.postMessage(request);
  }
}

/** The same data without proxies (a page's reactive state) and without undefined fields. */
function plain(params: unknown): unknown {
  return params === undefined ? undefined : JSON.parse(JSON.stringify(params));
}

function disconnected(call: string): EngineError {
  return new EngineError('DISCONNECTED', `${call}: the engine is not connected`, {
    hint: 'It is restarted by itself; try again in a moment.',
  });
}
