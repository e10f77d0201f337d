import type { FileSystem, OpenFile } from './file-system.ts';

interface Handle {
  readonly file: Promise<OpenFile>;
  users: number;
}

const KEPT = 16;

/** A few files kept open for random access, the least recently used closed first. Close it. */
export class ReadHandles {
  readonly #files: FileSystem;
  readonly #handles = new Map<string, Handle>();

  constructor(files: FileSystem) {
    this.#files = files;
  }

  async use<T>(path: string, operation: (file: OpenFile) => Promise<T>): Promise<T> {
    const handle = this.#acquire(path);
    try {
      return await operation(await handle.file);
    } catch (error) {
      this.#handles.delete(path);
      throw error;
    } finally {
      handle.users -= 1;
      if (handle.users === 0 && this.#handles.get(path) !== handle) await closeHandle(handle);
      await this.#shrink();
    }
  }

  #acquire(path: string): Handle {
    const handle = this.#handles.get(path) ?? { file: this.#files.openRead(path), users: 0 };
    handle.users += 1;
    this.#handles.delete(path);
    this.#handles.set(path, handle);
    return handle;
  }

  async #shrink(): Promise<void> {
    for (const [path, handle] of this.#handles) {
      if (this.#handles.size <= KEPT) return;
      if (handle.users > 0) continue;
      this.#handles.delete(path);
      await closeHandle(handle);
    }
  }

  /** Forgets a file whose content is replaced or removed; who reads it now reads on. */
  async forget(path: string): Promise<void> {
    const handle = this.#handles.get(path);
    this.#handles.delete(path);
    if (handle !== undefined && handle.users === 0) await closeHandle(handle);
  }

  async close(): Promise<void> {
    for (const path of [...this.#handles.keys()]) await this.forget(path);
  }
}

async function closeHandle(handle: Handle): Promise<void> {
  const [opened] = await Promise.allSettled([handle.file]);
  if (opened.status === 'fulfilled') await opened.value.close();
}
