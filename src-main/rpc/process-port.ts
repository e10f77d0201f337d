import { CloseSignal } from './close-signal.ts';
import type { Port } from './port.ts';

/** Either end of a child process's IPC channel: the parent's ChildProcess, or `process` inside the child. */
export interface ProcessLike {
  readonly connected?: boolean | undefined;
  send?: ((message: object, callback: (error: Error | null) => void) => boolean) | undefined;
  on(event: 'message', listener: (message: unknown) => void): unknown;
  on(event: 'disconnect', listener: () => void): unknown;
  disconnect?: (() => void) | undefined;
}

/** Adapts an IPC channel. Closing it disconnects; the child decides itself whether it ends. */
export function processPort(end: ProcessLike): Port {
  const signal = new CloseSignal();
  end.on('disconnect', () => signal.fire());
  return {
    postMessage: (message) => {
      if (signal.closed || end.connected !== true || !isObject(message)) return;
      // A channel that breaks while sending is reported by 'disconnect'.
      end.send?.(message, () => undefined);
    },
    onMessage: (listener) => void end.on('message', listener),
    onClose: (listener) => signal.onClose(listener),
    close: () => {
      if (end.connected === true) end.disconnect?.();
      signal.fire();
    },
  };
}

function isObject(message: unknown): message is object {
  return typeof message === 'object' && message !== null;
}
