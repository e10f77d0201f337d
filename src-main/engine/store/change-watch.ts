import { dataVersion, type Database } from './metadata.ts';

/** How often other processes' changes are looked for: a window must show them within a second. */
const POLL_MS = 400;

/**
 * Tells listeners of changes to tags, images and records: at once (after the present call) for this process's own,
 * within half a second for others'. Polls only while someone listens, and never keeps a process alive.
 */
export class ChangeWatch {
  readonly #main: Database;
  readonly #cache: Database;
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #seen = '';
  #isPending = false;

  constructor(main: Database, cache: Database) {
    this.#main = main;
    this.#cache = cache;
  }

  on(listener: () => void): () => void {
    const own = (): void => listener();
    if (this.#listeners.size === 0) this.#start();
    this.#listeners.add(own);
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  /** Counts a change of tags or images; within the caller's transaction, so that it is seen only if that holds. */
  countChange(): void {
    this.#main.prepare('UPDATE changes SET count = count + 1').run();
    this.notify();
  }

  /** Calls the listeners soon, once for any number of changes. */
  notify(): void {
    if (this.#isPending || this.#listeners.size === 0) return;
    this.#isPending = true;
    setImmediate(() => {
      this.#isPending = false;
      if (this.#main.open) this.#seen = this.#state();
      for (const listener of [...this.#listeners]) listener();
    });
  }

  #start(): void {
    this.#seen = this.#state();
    this.#timer = setInterval(() => this.#poll(), POLL_MS);
    this.#timer.unref();
  }

  #poll(): void {
    if (!this.#main.open) return;
    const state = this.#state();
    if (state === this.#seen) return;
    this.#seen = state;
    this.notify();
  }

  /** The count leaves out what tells no one anything, such as a blob's row. */
  #state(): string {
    const row = this.#main.prepare<[], { count: number }>('SELECT count FROM changes').get();
    return `${row?.count ?? 0} ${dataVersion(this.#cache)}`;
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }
}
