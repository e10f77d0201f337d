import { statSync } from 'node:fs';
import type { RecordFolder } from './record-folder.ts';

/** How often other processes' builds are looked at: a window must show them within a second. */
const POLL_MS = 400;

/** How many of the newest records are looked at for builds that run when a folder is first seen. */
const NEWEST = 50;

/**
 * Tells when a record came, grew, ended or went, in whatever process. Polls only while someone listens, reads only the
 * records of builds that run, and never keeps a process alive.
 */
export class RecordWatch {
  readonly #folder: RecordFolder;
  readonly #log: { warn(fields: object, message: string): void };
  readonly #listeners = new Set<() => void>();
  #timer: NodeJS.Timeout | undefined;
  #isPending = false;
  #isPolling = false;
  #ids: readonly string[] | undefined;
  #folderTime = 0;

  constructor(folder: RecordFolder, log: { warn(fields: object, message: string): void }) {
    this.#folder = folder;
    this.#log = log;
  }

  on(listener: () => void): () => void {
    const own = (): void => listener();
    this.#listeners.add(own);
    if (this.#timer === undefined) this.#start();
    return () => {
      this.#listeners.delete(own);
      if (this.#listeners.size === 0) this.stop();
    };
  }

  #start(): void {
    this.#folderTime = this.#timeOfFolder();
    this.#timer = setInterval(() => void this.#pollOnce(), POLL_MS).unref();
  }

  /** Calls the listeners soon, once for any number of changes. */
  notify(): void {
    if (this.#isPending || this.#listeners.size === 0) return;
    this.#isPending = true;
    setImmediate(() => {
      this.#isPending = false;
      for (const listener of [...this.#listeners]) listener();
    });
  }

  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#listeners.clear();
  }

  async #pollOnce(): Promise<void> {
    if (this.#isPolling) return;
    this.#isPolling = true;
    try {
      const hasCome = await this.#lookForNew();
      if ((await this.#lookAtRunning()) || hasCome) this.notify();
    } catch (error) {
      this.#log.warn({ err: error }, 'the build records could not be looked at');
    } finally {
      this.#isPolling = false;
    }
  }

  /** A folder's time changes when a file comes or goes. Whoever is new and runs is then among `running`. */
  async #lookForNew(): Promise<boolean> {
    const time = this.#timeOfFolder();
    const hasChanged = time !== this.#folderTime;
    if (!hasChanged && this.#ids !== undefined) return false;
    this.#folderTime = time;
    const known = new Set(this.#ids);
    this.#ids = await this.#folder.ids();
    const added = this.#ids.filter((id) => !known.has(id)).slice(0, NEWEST);
    for (const id of added) await this.#folder.summary(id);
    return hasChanged;
  }

  async #lookAtRunning(): Promise<boolean> {
    const { running } = this.#folder;
    let hasChanged = false;
    for (const [id, sizeBytes] of running) {
      const summary = await this.#folder.summary(id);
      if (summary?.status === 'running') running.set(id, summary.sizeBytes);
      else running.delete(id);
      hasChanged ||= summary?.status !== 'running' || summary.sizeBytes !== sizeBytes;
    }
    return hasChanged;
  }

  #timeOfFolder(): number {
    return statSync(this.#folder.path, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  }
}
