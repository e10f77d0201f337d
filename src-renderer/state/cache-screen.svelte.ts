import { SvelteSet } from 'svelte/reactivity';
import type { CacheRemoved } from '../../src-main/contract/cache-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { Digest } from '../../src-main/contract/oci-types.ts';
import { layerRow, mountRow, type CacheRow } from './cache-rows.ts';
import { toFailure, type Failure } from './failure.ts';
import { Latest } from './latest.ts';

export type HeldLimits = Awaited<ReturnType<EngineApi['cache']['limits']>>;

const GB = 1e9;
const DAY_MS = 24 * 60 * 60 * 1000;

/** The build cache: what it holds, what is chosen of it, and its limits. */
export class CacheScreen {
  rows = $state.raw<readonly CacheRow[]>();
  otherBytes = $state(0);
  limits = $state.raw<HeldLimits>();
  /** The limits as they are being written: gigabytes and days, empty for none. */
  sizeText = $state('');
  ageText = $state('');
  query = $state('');
  /** The row that the keys act on. */
  currentKey = $state<string>();
  readonly chosen = new SvelteSet<string>();
  failure = $state.raw<Failure>();
  busy = $state(false);
  /** Whether anyone looks: then it follows what changes. */
  isShown = $state(false);
  removed = $state.raw<CacheRemoved>();
  readonly visible: readonly CacheRow[] = $derived(filterRows(this.rows ?? [], this.query));
  readonly chosenRows: readonly CacheRow[] = $derived(this.visible.filter(({ key }) => this.chosen.has(key)));
  readonly chosenBytes: number = $derived(sum(this.chosenRows, ({ freesBytes }) => freesBytes));
  readonly freeableBytes: number = $derived(sum(this.rows ?? [], ({ freesBytes }) => freesBytes));
  readonly limitsProblem: string | undefined = $derived(
    isAmount(this.sizeText) && isAmount(this.ageText)
      ? undefined
      : 'Write a number, or nothing for no limit.',
  );
  readonly #engine: EngineApi;
  readonly #list = new Latest();

  constructor(engine: EngineApi) {
    this.#engine = engine;
  }

  /** Asks again; what is chosen stays chosen as far as it is still there. */
  async refresh(): Promise<void> {
    const signal = this.#list.next();
    try {
      const [listed, limits] = await Promise.all([
        this.#engine.cache.list({}, { signal }),
        this.#engine.cache.limits({}, { signal }),
      ]);
      if (signal.aborted) return;
      this.rows = [...listed.entries.map(layerRow), ...listed.mounts.map(mountRow)];
      this.otherBytes = listed.otherBytes;
      const keys = new Set(this.rows.map(({ key }) => key));
      for (const key of this.chosen) if (!keys.has(key)) this.chosen.delete(key);
      if (this.limits === undefined) this.#showLimits(limits);
      this.failure = undefined;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  async refreshIfShown(): Promise<void> {
    if (this.isShown) await this.refresh();
  }

  /** Chooses one row alone. */
  choose(row: CacheRow): void {
    this.chosen.clear();
    this.chosen.add(row.key);
    this.currentKey = row.key;
  }

  toggle(row: CacheRow | undefined): void {
    if (row === undefined) return;
    if (!this.chosen.delete(row.key)) this.chosen.add(row.key);
    this.currentKey = row.key;
  }

  /** Chooses all rows from the current one to this. */
  chooseTo(row: CacheRow): void {
    const from = Math.max(0, this.#position());
    const to = this.visible.indexOf(row);
    for (const one of this.visible.slice(Math.min(from, to), Math.max(from, to) + 1))
      this.chosen.add(one.key);
    this.currentKey = row.key;
  }

  chooseAll(): void {
    for (const { key } of this.visible) this.chosen.add(key);
  }

  chooseNone(): void {
    this.chosen.clear();
  }

  /** Moves the current row, stopping at the ends; answers the position to keep in sight. */
  move(by: number): number {
    const next = Math.max(0, Math.min(this.visible.length - 1, this.#position() + by));
    this.currentKey = this.visible[next]?.key;
    return next;
  }

  /** Removes what is chosen. */
  async remove(): Promise<void> {
    const rows = this.chosenRows;
    if (rows.length === 0) return;
    await this.#while(async () => {
      const keysOf = (kind: CacheRow['kind']) =>
        rows.filter((row) => row.kind === kind).map(({ key }) => key);
      const removed = await this.#engine.cache.remove({
        ids: keysOf('layer') as Digest[],
        mounts: keysOf('mount').map((key) => key.slice('mount '.length)),
      });
      await this.refresh();
      this.removed = removed;
    });
  }

  /** Keeps the limits as they are written. */
  async setLimits(): Promise<void> {
    if (this.limitsProblem !== undefined) return;
    const limits = {
      maxBytes: this.sizeText.trim() === '' ? null : Math.round(Number(this.sizeText) * GB),
      maxAgeMs: this.ageText.trim() === '' ? null : Math.round(Number(this.ageText) * DAY_MS),
    };
    await this.#while(async () => this.#showLimits(await this.#engine.cache.setLimits({ limits })));
  }

  /** Back to the defaults. */
  async resetLimits(): Promise<void> {
    await this.#while(async () => this.#showLimits(await this.#engine.cache.setLimits({})));
  }

  #showLimits(limits: HeldLimits): void {
    this.limits = limits;
    this.sizeText = limits.maxBytes === null ? '' : String(Math.round((limits.maxBytes / GB) * 10) / 10);
    this.ageText = limits.maxAgeMs === null ? '' : String(Math.round((limits.maxAgeMs / DAY_MS) * 10) / 10);
  }

  #position(): number {
    return this.visible.findIndex(({ key }) => key === this.currentKey);
  }

  async #while(run: () => Promise<void>): Promise<void> {
    this.busy = true;
    this.removed = undefined;
    try {
      await run();
    } catch (error) {
      this.failure = toFailure(error);
    } finally {
      this.busy = false;
    }
  }
}

function filterRows(rows: readonly CacheRow[], query: string): readonly CacheRow[] {
  const wanted = query.trim().toLowerCase();
  return rows.filter(({ text, neededBy }) => `${text} ${neededBy}`.toLowerCase().includes(wanted));
}

function sum(rows: readonly CacheRow[], read: (row: CacheRow) => number): number {
  return rows.reduce((bytes, row) => bytes + read(row), 0);
}

function isAmount(text: string): boolean {
  return text.trim() === '' || /^\d+(?:\.\d+)?$/.test(text.trim());
}
