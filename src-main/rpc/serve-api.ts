import { isEngineError } from '../contract/errors.ts';
import type { ApiOf, Contract } from './contract-of.ts';
import { requestSchema } from './envelope.ts';
import type { Request } from './envelope.ts';
import { toEngineError } from './engine-error.ts';
import { Outbox } from './outbox.ts';
import { performCall } from './perform-call.ts';
import type { Port } from './port.ts';
import type { RpcLog } from './rpc-log.ts';
import { formatWireError } from './wire-error.ts';

export interface ServeOptions {
  readonly log: RpcLog;
  /** Starts hearing events to pass on; answers with what ends it. */
  readonly subscribe?: (tell: (name: string, payload: unknown) => void) => () => void;
}

type CallMessage = Extract<Request, { type: 'call' }>;

/** Answers the calls of any contract that come through `port`, until it closes. */
export function serveApi<C extends Contract>(
  contract: C,
  api: ApiOf<C>,
  port: Port,
  options: ServeOptions,
): void {
  const { log } = options;
  const outbox = new Outbox(port);
  const running = new Map<number, AbortController>();
  const unsubscribe = options.subscribe?.((name, payload) => outbox.send({ type: 'event', name, payload }));

  const answer = async ({ id, area, method, params }: CallMessage): Promise<void> => {
    const controller = new AbortController();
    running.set(id, controller);
    try {
      const onProgress = (item: unknown): void => {
        if (running.get(id) === controller) outbox.progress(id, item);
      };
      const request = { area, method, params, signal: controller.signal, onProgress };
      outbox.send({ type: 'result', id, value: await performCall(contract, api, request, log) });
    } catch (error) {
      const known = isEngineError(error) ? error : toEngineError(error, `${area}.${method}`, log);
      outbox.send({ type: 'error', id, error: formatWireError(known) });
    } finally {
      running.delete(id);
    }
  };

  port.onClose(() => {
    unsubscribe?.();
    outbox.close();
    for (const controller of running.values()) controller.abort();
  });
  port.onMessage((message) => {
    const request = requestSchema.safeParse(message);
    if (!request.success) log.warn({ issues: request.error.issues }, 'a message of unknown form was ignored');
    else if (request.data.type === 'cancel') running.get(request.data.id)?.abort();
    else if (running.has(request.data.id)) log.warn({ id: request.data.id }, 'a call number was used twice');
    else void answer(request.data);
  });
}
