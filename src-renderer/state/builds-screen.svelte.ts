import type {
  BuildComparison,
  BuildStatus,
  BuildSummary,
} from '../../src-main/contract/build-records-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { BuildDetail } from './build-detail.svelte.ts';
import { toFailure, type Failure } from './failure.ts';
import { FileDifferences } from './file-differences.svelte.ts';
import { Latest } from './latest.ts';
import { ShellSession } from './shell-session.svelte.ts';
import type { Toasts } from '../ui/toasts.svelte.ts';

export type BuildFilter = 'all' | 'running' | 'succeeded' | 'failed';
export type BuildTab = 'overview' | 'log' | 'dockerfile' | 'compare';

export interface OpenedShell {
  readonly session: ShellSession;
  /** Of which build. */
  readonly title: string;
}

const STATUSES: Readonly<Record<Exclude<BuildFilter, 'all'>, BuildStatus[]>> = {
  running: ['running'],
  succeeded: ['succeeded'],
  failed: ['failed', 'cancelled', 'interrupted'],
};

const PAGE = 200;
const SEARCH_AFTER_MS = 200;
/** How often a build that goes on is looked at; a search reads every log, and less often. */
const FOLLOW_MS = { list: 300, search: 2000 } as const;

/** The Builds screen: every build on this store, the chosen one, and two of them beside each other. */
export class BuildsScreen {
  builds = $state.raw<readonly BuildSummary[]>();
  more = $state(false);
  failure = $state.raw<Failure>();
  query = $state('');
  filter = $state<BuildFilter>('all');
  searching = $state(false);
  detail = $state.raw<BuildDetail>();
  tab = $state<BuildTab>('overview');
  comparison = $state.raw<BuildComparison>();
  compareFailure = $state.raw<Failure>();
  /** What differs between the files of the two images; nothing where one of the builds gave none, or both the same. */
  differences = $state.raw<FileDifferences>();
  /** A shell in what a failed build left. */
  shell = $state.raw<OpenedShell>();
  readonly selectedId: string | undefined = $derived(this.detail?.id);
  /** The chosen build, also where a search leaves it out of the list. */
  readonly selected: Pick<BuildSummary, 'id' | 'name' | 'context' | 'status'> | undefined = $derived(
    this.builds?.find(({ id }) => id === this.selectedId) ?? this.detail?.record,
  );
  readonly #engine: EngineApi;
  readonly #toasts: Toasts;
  /** Records that are being removed, until that can be undone no more. */
  readonly #leaving = new Set<string>();
  readonly #list = new Latest();
  readonly #compare = new Latest();
  #shown = PAGE;
  #timer: ReturnType<typeof setTimeout> | undefined;
  #soon: ReturnType<typeof setTimeout> | undefined;

  constructor(engine: EngineApi, toasts: Toasts) {
    this.#engine = engine;
    this.#toasts = toasts;
  }

  /** Asks for the list again, and for what has come of the chosen build. */
  async refresh(): Promise<void> {
    await Promise.all([this.#refreshList(), this.#refreshDetail()]);
  }

  /** Builds have changed: asks again soon, once for any number of changes. Nothing before the screen was first seen. */
  changed(): void {
    if (this.builds === undefined) return;
    const afterMs = this.query.trim() === '' ? FOLLOW_MS.list : FOLLOW_MS.search;
    this.#soon ??= setTimeout(() => {
      this.#soon = undefined;
      void this.refresh();
    }, afterMs);
  }

  setQuery(query: string): void {
    this.query = query;
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => void this.#search(), SEARCH_AFTER_MS);
  }

  setFilter(filter: BuildFilter): void {
    this.filter = filter;
    void this.#search();
  }

  async loadMore(): Promise<void> {
    if (!this.more) return;
    this.#shown += PAGE;
    await this.#refreshList();
  }

  select(id: string | undefined): void {
    if (id === this.selectedId) return;
    this.detail?.close();
    this.#closeComparison();
    this.detail = id === undefined ? undefined : new BuildDetail(this.#engine, id);
    void this.detail?.refresh();
  }

  /** Moves the choice by rows, stopping at the ends; answers the position to keep in sight. */
  move(by: number): number {
    const builds = this.builds ?? [];
    const at = builds.findIndex(({ id }) => id === this.selectedId);
    const next = Math.max(0, Math.min(builds.length - 1, at === -1 ? 0 : at + by));
    this.select(builds[next]?.id);
    return next;
  }

  /** Shows another build beside the chosen one; the older of the two is the one before. */
  async compareWith(other: string): Promise<void> {
    const chosen = this.selectedId;
    if (chosen === undefined || chosen === other) return;
    const [a, b] = [chosen, other].sort() as [string, string];
    const signal = this.#compare.next();
    this.tab = 'compare';
    this.compareFailure = undefined;
    try {
      const comparison = await this.#engine.buildRecords.compare({ a, b }, { signal });
      if (signal.aborted) return;
      this.comparison = comparison;
      this.differences = this.#differencesOf(comparison, signal);
    } catch (error) {
      if (!signal.aborted) this.compareFailure = toFailure(error);
    }
  }

  /** Takes a record out of the list; it goes for good once that can be undone no more. */
  remove({ id, name }: Pick<BuildSummary, 'id' | 'name'>): void {
    const at = this.builds?.findIndex((build) => build.id === id) ?? -1;
    const next = this.builds?.[at + 1] ?? this.builds?.[at - 1];
    this.#leaving.add(id);
    this.builds = this.#staying(this.builds ?? []);
    if (this.selectedId === id) this.select(next?.id);
    this.#toasts.done(`Removed the record of ${name}`, {
      action: { label: 'Undo', run: () => void this.#putBack(id) },
      left: () => void this.#removeForGood(id),
    });
  }

  async #putBack(id: string): Promise<void> {
    this.#leaving.delete(id);
    await this.#refreshList();
    this.select(id);
  }

  async #removeForGood(id: string): Promise<void> {
    try {
      await this.#engine.buildRecords.remove({ ids: [id] });
    } catch (error) {
      this.#toasts.error(toFailure(error));
    } finally {
      this.#leaving.delete(id);
    }
    await this.#refreshList();
  }

  #staying(builds: readonly BuildSummary[]): readonly BuildSummary[] {
    return builds.filter(({ id }) => !this.#leaving.has(id));
  }

  async export(id: string, destination: string): Promise<void> {
    try {
      await this.#engine.buildRecords.export({ id, destination });
      this.#toasts.done('Exported the build', { detail: destination });
    } catch (error) {
      this.#toasts.error(toFailure(error));
    }
  }

  /** Takes over an exported build and chooses it. */
  async open(source: string): Promise<void> {
    try {
      const { id, name } = await this.#engine.buildRecords.open({ source });
      this.query = '';
      this.filter = 'all';
      await this.#refreshList();
      this.select(id);
      this.#toasts.done(`Opened the build of ${name}`);
    } catch (error) {
      this.#toasts.error(toFailure(error));
    }
  }

  async #search(): Promise<void> {
    this.searching = true;
    this.#shown = PAGE;
    await this.#refreshList();
  }

  async #refreshList(): Promise<void> {
    const signal = this.#list.next();
    const search = this.query.trim();
    try {
      const { builds, more } = await this.#engine.buildRecords.list(
        {
          limit: this.#shown,
          ...(search === '' ? {} : { search }),
          ...(this.filter === 'all' ? {} : { status: STATUSES[this.filter] }),
        },
        { signal },
      );
      if (signal.aborted) return;
      this.builds = this.#staying(builds);
      this.more = more;
      this.failure = undefined;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    } finally {
      if (!signal.aborted) this.searching = false;
    }
  }

  async #refreshDetail(): Promise<void> {
    if (this.detail?.record === undefined || this.detail.isRunning) await this.detail?.refresh();
  }

  #differencesOf({ a, b }: BuildComparison, signal: AbortSignal): FileDifferences | undefined {
    if (a.digest === undefined || b.digest === undefined || a.digest === b.digest) return undefined;
    return new FileDifferences(this.#engine, { from: a.digest, to: b.digest }, signal);
  }

  /** Opens a shell in an image, in place of one that is open. */
  openShell(image: string, title: string): void {
    this.shell = { session: new ShellSession(this.#engine, image), title };
  }

  closeShell(): void {
    this.shell = undefined;
  }

  #closeComparison(): void {
    this.#compare.stop();
    this.comparison = undefined;
    this.differences = undefined;
    this.compareFailure = undefined;
    if (this.tab === 'compare') this.tab = 'overview';
  }
}
