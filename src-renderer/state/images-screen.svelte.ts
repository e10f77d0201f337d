import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { ArchiveFormat, ImageRow, TagEvent } from '../../src-main/contract/images-api.ts';
import type { TransferProgress } from '../../src-main/contract/oci-types.ts';
import { toFailure, type Failure } from './failure.ts';
import { arrangeImages, type ImageColumn, type ImageOrder } from './image-order.ts';
import { Latest } from './latest.ts';
import type { TagMoves } from './tag-moves.svelte.ts';
import type { Toasts } from '../ui/toasts.svelte.ts';

interface Transfer {
  /** `Loading app.tar`. */
  readonly what: string;
  readonly progress: TransferProgress | undefined;
  readonly cancel: () => void;
}

/** Names one row of the list: its tag, or its digest where no tag names it. */
export function keyOf(row: ImageRow): string {
  return row.name ?? row.digest;
}

/** The Images screen: the list as it is arranged, the chosen row and the history of its tag. */
export class ImagesScreen {
  rows = $state.raw<readonly ImageRow[]>();
  failure = $state.raw<Failure>();
  query = $state('');
  order = $state.raw<ImageOrder>({ column: 'created', descending: true });
  selectedKey = $state<string>();
  history = $state.raw<readonly TagEvent[]>([]);
  transfer = $state.raw<Transfer>();
  /** The tag that is being renamed in place. */
  renaming = $state<string>();
  /** The image that the Tag… dialog is open for. */
  tagging = $state.raw<ImageRow>();
  /** The question whether loading may move these tags, while it is open. */
  moving = $state.raw<{ readonly events: readonly TagEvent[]; readonly answer: (yes: boolean) => void }>();
  readonly visible: readonly ImageRow[] = $derived(arrangeImages(this.rows ?? [], this.query, this.order));
  readonly selected: ImageRow | undefined = $derived(
    this.visible.find((row) => keyOf(row) === this.selectedKey),
  );
  readonly moves: TagMoves;
  readonly #engine: EngineApi;
  readonly #toasts: Toasts;
  readonly #list = new Latest();
  readonly #tagHistory = new Latest();

  constructor(engine: EngineApi, toasts: Toasts, moves: TagMoves) {
    this.#engine = engine;
    this.#toasts = toasts;
    this.moves = moves;
  }

  /** Asks for the list again; the newest answer wins, and the choice stays where it was. */
  async refresh(): Promise<void> {
    const signal = this.#list.next();
    try {
      const rows = await this.#engine.images.list({ untagged: true }, { signal });
      if (signal.aborted) return;
      this.rows = rows;
      this.failure = undefined;
      void this.#loadHistory();
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  select(row: ImageRow | undefined): void {
    this.selectedKey = row === undefined ? undefined : keyOf(row);
    void this.#loadHistory();
  }

  /** Moves the choice by rows, stopping at the ends; answers the position to keep in sight. */
  move(by: number): number {
    const at = this.visible.findIndex((row) => keyOf(row) === this.selectedKey);
    const next = Math.max(0, Math.min(this.visible.length - 1, at === -1 ? 0 : at + by));
    this.select(this.visible[next]);
    return next;
  }

  /** Sorts by a column; a second time turns the order round. */
  sortBy(column: ImageColumn): void {
    const again = this.order.column === column;
    const descending = again ? !this.order.descending : column === 'size' || column === 'created';
    this.order = { column, descending };
  }

  startRename(row: ImageRow | undefined): void {
    if (row?.name !== undefined) this.renaming = row.name;
  }

  /** Ends renaming in place; an unchanged or empty name changes nothing. */
  async endRename(target: string): Promise<void> {
    const source = this.renaming;
    this.renaming = undefined;
    if (source === undefined || target.trim() === '' || target.trim() === source) return;
    try {
      await this.moves.rename(source, target.trim());
      this.selectedKey = target.trim();
      await this.refresh();
    } catch (error) {
      this.#toasts.error(toFailure(error));
    }
  }

  async tag(row: ImageRow, target: string): Promise<void> {
    await this.moves.tag(keyOf(row), target.trim());
    this.tagging = undefined;
    await this.refresh();
    this.selectedKey = this.rows?.find((other) => other.name === target.trim())?.name ?? this.selectedKey;
    await this.#loadHistory();
  }

  async untag(row: ImageRow): Promise<void> {
    if (row.name !== undefined) await this.moves.untag(row.name);
    await this.refresh();
  }

  /** Loads an archive; tags that it would move are shown first, and nothing happens without a yes. */
  async load(path: string): Promise<void> {
    await this.#transferring(`Loading ${nameOfFile(path)}`, async (options) => {
      const planned = await this.#engine.images.load({ path, dryRun: true }, options);
      const moving = planned.moved.filter((event) => event.from !== undefined && event.from !== event.to);
      if (moving.length > 0 && !(await this.#mayMove(moving))) return;
      const loaded = await this.#engine.images.load({ path }, options);
      const names = loaded.images.flatMap((image) => image.names);
      const [first] = loaded.images;
      this.#toasts.done(
        `Loaded ${names.length === 0 ? (first?.imageId.slice(0, 19) ?? '') : names.join(', ')}`,
      );
    });
    await this.refresh();
  }

  async save(row: ImageRow, path: string, format: ArchiveFormat): Promise<void> {
    await this.#transferring(`Saving ${nameOfFile(path)}`, async (options) => {
      const saved = await this.#engine.images.save({ refs: [keyOf(row)], path, format }, options);
      this.#toasts.done(`Saved ${keyOf(row)}`, { detail: saved.path });
    });
  }

  #mayMove(events: readonly TagEvent[]): Promise<boolean> {
    return new Promise((resolve) => {
      const answer = (yes: boolean): void => {
        this.moving = undefined;
        resolve(yes);
      };
      this.moving = { events, answer };
    });
  }

  async #transferring(
    what: string,
    run: (options: {
      readonly signal: AbortSignal;
      readonly onProgress: (progress: TransferProgress) => void;
    }) => Promise<void>,
  ): Promise<void> {
    const controller = new AbortController();
    const { signal } = controller;
    const tell = (progress?: TransferProgress): void => {
      this.transfer = { what, progress, cancel: () => controller.abort() };
    };
    tell();
    try {
      await run({ signal, onProgress: tell });
    } catch (error) {
      if (!signal.aborted) this.#toasts.error(toFailure(error));
    } finally {
      this.transfer = undefined;
    }
  }

  async #loadHistory(): Promise<void> {
    const signal = this.#tagHistory.next();
    const name = this.selected?.name;
    if (name === undefined) {
      this.history = [];
      return;
    }
    try {
      const history = await this.#engine.images.tagHistory({ name, limit: 200 }, { signal });
      if (!signal.aborted) this.history = history;
    } catch (error) {
      if (!signal.aborted) this.#toasts.error(toFailure(error));
    }
  }
}

function nameOfFile(path: string): string {
  return path.split(/[/\\]/).at(-1) ?? path;
}
