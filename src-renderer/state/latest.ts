/** Lets only the newest of several overlapping calls through: a new one aborts the one before. */
export class Latest {
  #controller: AbortController | undefined;

  /** Aborts the call before and answers the signal of this one. */
  next(): AbortSignal {
    this.stop();
    this.#controller = new AbortController();
    return this.#controller.signal;
  }

  stop(): void {
    this.#controller?.abort();
    this.#controller = undefined;
  }
}
