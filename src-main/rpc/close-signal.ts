/** Remembers that something ended and tells each listener once, late ones at once. */
export class CloseSignal {
  #closed = false;
  #listeners: (() => void)[] = [];

  get closed(): boolean {
    return this.#closed;
  }

  onClose(listener: () => void): void {
    if (this.#closed) listener();
    else this.#listeners.push(listener);
  }

  fire(): void {
    if (this.#closed) return;
    this.#closed = true;
    const listeners = this.#listeners;
    this.#listeners = [];
    for (const listener of listeners) listener();
  }
}
