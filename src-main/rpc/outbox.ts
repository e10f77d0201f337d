import { mergeProgress } from './merge-progress.ts';
import type { Response } from './envelope.ts';
import type { Port } from './port.ts';

const FLUSH_AFTER_MS = 16;
const FLUSH_AT_ITEMS = 1000;

/**
 * Sends responses in the order given. Progress waits up to a frame, so that a build that prints hundreds of
 * thousands of lines sends some sixty messages a second; anything else goes at once, behind what waited.
 */
export class Outbox {
  readonly #port: Port;
  #waiting: { readonly id: number; readonly items: unknown[] }[] = [];
  #count = 0;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(port: Port) {
    this.#port = port;
  }

  progress(id: number, item: unknown): void {
    this.#batchOf(id).push(item);
    this.#count += 1;
    if (this.#count >= FLUSH_AT_ITEMS) this.flush();
    else this.#timer ??= setTimeout(() => this.flush(), FLUSH_AFTER_MS);
  }

  send(response: Response): void {
    this.flush();
    this.#port.postMessage(response);
  }

  flush(): void {
    clearTimeout(this.#timer);
    this.#timer = undefined;
    const waiting = this.#waiting;
    this.#waiting = [];
    this.#count = 0;
    for (const { id, items } of waiting) {
      this.#port.postMessage({ type: 'progress', id, items: mergeProgress(items) } satisfies Response);
    }
  }

  /** Drops what waits. */
  close(): void {
    clearTimeout(this.#timer);
    this.#waiting = [];
  }

  #batchOf(id: number): unknown[] {
    const last = this.#waiting.at(-1);
    if (last?.id === id) return last.items;
    const batch = { id, items: [] };
    this.#waiting.push(batch);
    return batch.items;
  }
}
