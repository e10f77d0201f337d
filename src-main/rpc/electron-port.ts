import { CloseSignal } from './close-signal.ts';
import type { Port } from './port.ts';

/** Electron's MessagePortMain, as it is in the main process and in utility processes. */
export interface MessagePortMainLike {
  postMessage(message: unknown): void;
  on(event: 'message', listener: (event: { readonly data: unknown }) => void): unknown;
  on(event: 'close', listener: () => void): unknown;
  start(): void;
  close(): void;
}

/** Adapts Electron's MessagePortMain. */
export function electronPort(port: MessagePortMainLike): Port {
  const signal = new CloseSignal();
  port.on('close', () => signal.fire());
  return {
    postMessage: (message) => {
      if (!signal.closed) port.postMessage(message);
    },
    onMessage: (listener) => {
      port.on('message', (event) => listener(event.data));
      port.start();
    },
    onClose: (listener) => signal.onClose(listener),
    close: () => {
      port.close();
      signal.fire();
    },
  };
}
