/**
 * One end of a two-way channel that delivers whole messages in order, or closes. MessagePorts, a child process's
 * IPC channel and a WebSocket are each adapted to it.
 */
export interface Port {
  /** Sends plain data. After the channel closed it is dropped without a word: `onClose` has told. */
  postMessage(message: unknown): void;
  /** Messages that came before the first listener was there are kept for it. One listener at a time. */
  onMessage(listener: (message: unknown) => void): void;
  /** Calls back once when either end is gone, at once if it already is. */
  onClose(listener: () => void): void;
  /** Idempotent. */
  close(): void;
}
