import { CloseSignal } from './close-signal.ts';
import type { Port } from './port.ts';

/** What the web's MessagePort and the one of node:worker_threads have in common. */
export interface MessagePortLike {
  postMessage(message: unknown): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close', listener: () => void): void;
  start(): void;
  close(): void;
}

/** Adapts a web or worker_threads MessagePort. */
export function messagePort(port: MessagePortLike): Port {
  const signal = new CloseSignal();
  port.addEventListener('close', () => signal.fire());
  return {
    postMessage: (message) => {
      if (!signal.closed) port.postMessage(message);
    },
    onMessage: (listener) => {
      port.addEventListener('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => signal.onClose(listener),
    close: () => {
      port.close();
      signal.fire();
    },
  };
}
