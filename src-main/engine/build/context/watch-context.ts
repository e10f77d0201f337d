import { watch, type FSWatcher } from 'node:fs';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { isEngineError } from '../../../contract/errors.ts';
import type { IgnoreMatcher, IgnoreState } from '../../dockerfile/ignore-file.ts';
import { findIgnoreFile } from './context-source.ts';
import { readIgnoreSource } from './ignore-source.ts';

const SETTLE_MS = 100;

export interface WatchOptions {
  /** Each folder costs the system a watch, of which a user has not many. */
  readonly mostFolders: number;
  readonly signal: AbortSignal;
  readonly onChange: () => void;
}

/**
 * Watches a build context until the signal fires; nothing is done while nothing changes. What an ignore file leaves out
 * is not watched. False at once when there are too many folders, or the system has no watches left.
 */
export async function watchContext(path: string, options: WatchOptions): Promise<boolean> {
  using watching = new Watching(path, options);
  if (!(await watching.follow())) return false;
  if (!options.signal.aborted) {
    await new Promise<void>((resolve) => {
      options.signal.addEventListener('abort', () => resolve(), { once: true });
    });
  }
  return true;
}

class Watching implements Disposable {
  private readonly root: string;
  private readonly options: WatchOptions;
  private readonly watchers = new Map<string, FSWatcher>();
  private timer: NodeJS.Timeout | undefined;
  private ended = false;
  /** Folders may have come or gone, or be left out otherwise. */
  private isStale = true;

  constructor(root: string, options: WatchOptions) {
    this.root = root;
    this.options = options;
  }

  /** Watches each folder that is there now; folders may have come and gone. */
  async follow(): Promise<boolean> {
    this.isStale = false;
    const { mostFolders } = this.options;
    const ignore = await readIgnoreSource(await findIgnoreFile(this.root, undefined), this.root);
    const folders = await listFolders(this.root, ignore.matcher, mostFolders);
    if (folders.length > mostFolders || this.ended) return false;
    const wanted = new Set(folders);
    for (const [folder, watcher] of this.watchers) if (!wanted.has(folder)) this.drop(folder, watcher);
    return folders.every((folder) => this.watchers.has(folder) || this.add(folder));
  }

  [Symbol.dispose](): void {
    this.ended = true;
    clearTimeout(this.timer);
    for (const [folder, watcher] of this.watchers) this.drop(folder, watcher);
  }

  private add(folder: string): boolean {
    try {
      const watcher = watch(folder, { persistent: false }, (type, name) => this.changed(type, name));
      watcher.on('error', () => this.drop(folder, watcher));
      this.watchers.set(folder, watcher);
      return true;
    } catch (error) {
      // A folder that has gone meanwhile needs no watch; for anything else there are no watches left.
      return (error as NodeJS.ErrnoException).code === 'ENOENT';
    }
  }

  private drop(folder: string, watcher: FSWatcher): void {
    watcher.close();
    this.watchers.delete(folder);
  }

  private changed(type: string, name: string | null): void {
    this.isStale ||= type === 'rename' || name === '.dockerignore';
    this.timer ??= setTimeout(() => void this.tell(), SETTLE_MS);
  }

  private async tell(): Promise<void> {
    this.timer = undefined;
    try {
      if (this.isStale) await this.follow();
    } catch (error) {
      // The folder is gone, or its ignore file is not to be read: whoever is told finds out.
      if (!isEngineError(error) && (error as NodeJS.ErrnoException).code === undefined) throw error;
    }
    if (!this.ended) this.options.onChange();
  }
}

/** The folders of a context, without those that the ignore file leaves out whole. */
async function listFolders(
  root: string,
  ignore: IgnoreMatcher | undefined,
  most: number,
): Promise<readonly string[]> {
  const found: string[] = [];
  const visit = async (relative: string, state: IgnoreState | undefined): Promise<void> => {
    found.push(join(root, relative));
    if (found.length > most) return;
    for (const entry of await readdir(join(root, relative), { withFileTypes: true }).catch(() => [])) {
      if (!entry.isDirectory()) continue;
      const path = relative === '' ? entry.name : `${relative}/${entry.name}`;
      const answer = ignore?.visit(path, state);
      if (answer?.ignored !== true || !answer.prunable) await visit(path, answer?.state);
    }
  };
  await visit('', undefined);
  return found;
}
