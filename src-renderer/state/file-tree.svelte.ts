import type { FileRow } from '../../src-main/contract/files-api.ts';
import { toFailure, type Failure } from './failure.ts';

export interface Page {
  readonly rows: readonly FileRow[];
  readonly total: number;
}

/** Answers one page of a folder's children; rejects when the signal fires. */
export type LoadChildren = (
  path: string,
  offset: number,
  limit: number,
  signal: AbortSignal,
) => Promise<Page>;

/** A row in sight: a file or folder, or one whose page has not come yet. */
export interface TreeRow {
  readonly file: FileRow | undefined;
  readonly level: number;
  /** Position among its siblings, from 1, and their number. */
  readonly position: number;
  readonly siblings: number;
  readonly expanded: boolean | undefined;
  readonly loading: boolean;
}

const PAGE = 500;
const ROOT = '/';

/** An open folder. `rows` is filled page by page; only its open children are looked at when rows are counted. */
class OpenFolder {
  readonly path: string;
  total: number | undefined;
  readonly rows: FileRow[] = [];
  readonly asked = new Set<number>();
  readonly open = new Map<number, OpenFolder>();

  constructor(path: string) {
    this.path = path;
  }

  /** Rows that it takes when open: its children and those of its open folders. */
  get visible(): number {
    let count = this.total ?? 1;
    for (const folder of this.open.values()) count += folder.visible;
    return count;
  }

  get openInOrder(): readonly (readonly [number, OpenFolder])[] {
    return [...this.open].sort(([a], [b]) => a - b);
  }
}

interface Place {
  readonly folder: OpenFolder;
  readonly index: number;
  readonly level: number;
}

/**
 * A tree of files that is read folder by folder, and big folders page by page, as they come into sight. Rows are found
 * by position without ever listing them all, so its cost grows with what is open, not with what there is.
 */
export class FileTree {
  version = $state(0);
  failure = $state.raw<Failure>();
  selectedPath = $state<string>();
  readonly #load: LoadChildren;
  readonly #controller = new AbortController();
  readonly #root = new OpenFolder(ROOT);

  constructor(load: LoadChildren) {
    this.#load = load;
    this.#ask(this.#root, 0);
  }

  /** Rows to show. */
  get count(): number {
    void this.version;
    return this.#root.total === 0 ? 0 : this.#root.visible;
  }

  get isEmpty(): boolean {
    void this.version;
    return this.#root.total === 0;
  }

  /** The row at a position; asks for its page when that is missing. */
  rowAt(position: number): TreeRow {
    void this.version;
    const { folder, index, level } = this.#placeAt(position);
    const file = folder.rows[index];
    if (file === undefined) this.#ask(folder, index);
    const below = folder.open.get(index);
    return {
      file,
      level,
      position: index + 1,
      siblings: folder.total ?? 1,
      expanded: file?.type === 'directory' && file.children > 0 ? below !== undefined : undefined,
      loading: below !== undefined && below.total === undefined,
    };
  }

  /** Opens or closes the folder at a position; files stay as they are. */
  toggle(position: number): void {
    const { folder, index } = this.#placeAt(position);
    if (folder.open.has(index)) this.collapse(position);
    else this.expand(position);
  }

  expand(position: number): void {
    const { folder, index } = this.#placeAt(position);
    const file = folder.rows[index];
    if (file?.type !== 'directory' || file.children === 0 || folder.open.has(index)) return;
    const below = new OpenFolder(file.path);
    folder.open.set(index, below);
    this.#ask(below, 0);
    this.version++;
  }

  collapse(position: number): void {
    const { folder, index } = this.#placeAt(position);
    if (folder.open.delete(index)) this.version++;
  }

  /** Position of the folder that holds this row, or undefined at the top. */
  parentOf(position: number): number | undefined {
    const { level } = this.#placeAt(position);
    for (let above = position - 1; level > 1 && above >= 0; above--) {
      if (this.#placeAt(above).level < level) return above;
    }
    return undefined;
  }

  /** Position of a loaded row with this path, -1 when it is not in sight. */
  positionOf(path: string): number {
    return findPosition(this.#root, path);
  }

  /** Ends what is still being read. */
  close(): void {
    this.#controller.abort();
  }

  #placeAt(position: number): Place {
    let folder = this.#root;
    let level = 1;
    let rest = position;
    for (;;) {
      const next = stepInto(folder, rest);
      if ('index' in next) return { folder, index: next.index, level };
      folder = next.folder;
      rest = next.rest;
      level++;
    }
  }

  #ask(folder: OpenFolder, index: number): void {
    const page = Math.floor(index / PAGE);
    if (folder.asked.has(page)) return;
    folder.asked.add(page);
    void this.#read(folder, page * PAGE);
  }

  async #read(folder: OpenFolder, offset: number): Promise<void> {
    const { signal } = this.#controller;
    try {
      const { rows, total } = await this.#load(folder.path, offset, PAGE, signal);
      if (signal.aborted) return;
      folder.total = total;
      rows.forEach((row, i) => (folder.rows[offset + i] = row));
      this.version++;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }
}

/** One step from a folder towards the row `rest` below it: that child, or the open folder among whose rows it is. */
function stepInto(
  folder: OpenFolder,
  rest: number,
): { readonly index: number } | { readonly folder: OpenFolder; readonly rest: number } {
  let above = 0;
  for (const [index, below] of folder.openInOrder) {
    const start = index + above + 1;
    if (rest < start) break;
    const rows = below.visible;
    if (rest < start + rows) return { folder: below, rest: rest - start };
    above += rows;
  }
  return { index: rest - above };
}

function findPosition(folder: OpenFolder, path: string): number {
  const direct = folder.rows.findIndex((row) => row?.path === path);
  let above = 0;
  for (const [index, below] of folder.openInOrder) {
    if (direct !== -1 && direct <= index) return direct + above;
    const inside = findPosition(below, path);
    if (inside !== -1) return index + above + 1 + inside;
    above += below.visible;
  }
  return direct === -1 ? -1 : direct + above;
}
