import { CloseSignal } from './close-signal.ts';
import type { Port } from './port.ts';

/** What the browser's WebSocket and the one of `ws` have in common. */
export interface SocketLike {
  readonly readyState: number;
  send(data: string): void;
  close(): void;
  addEventListener(type: 'message', listener: (event: { readonly data: unknown }) => void): void;
  addEventListener(type: 'close' | 'error', listener: () => void): void;
}

const OPEN = 1;

/** Adapts an open WebSocket: one JSON text a message. Anything that is not JSON text closes it. */
export function socketPort(socket: SocketLike): Port {
  const signal = new CloseSignal();
  const close = (): void => {
    socket.close();
    signal.fire();
  };
  socket.addEventListener('close', () => signal.fire());
  socket.addEventListener('error', close);
  return {
    postMessage: (message) => {
      if (!signal.closed && socket.readyState === OPEN) socket.send(JSON.stringify(message));
    },
    onMessage: (listener) =>
      socket.addEventListener('message', (event) => {
        const message = parseJson(event.data);
        if (message === undefined) close();
        else listener(message);
      }),
    onClose: (listener) => signal.onClose(listener),
    close,
  };
}

function parseJson(text: unknown): unknown {
  if (typeof text !== 'string') return undefined;
  try {
    return JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}
