import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import type { TagDetail } from '../../src-main/contract/remote-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { RemoteImageView } from './remote-image.svelte.ts';

const PAGE = 500;
/** Details are asked for one row at a time: more at once is what registries count against a limit. */
const DETAILS_AT_ONCE = 4;
const MOST_WAITING = 60;

type DetailState = { readonly detail: TagDetail } | { readonly failure: Failure };

/** A repository at a registry: its tags, what they name as far as they have been in sight, and the chosen one. */
export class RemoteRepository {
  /** `registry/repository`. */
  readonly name: string;
  readonly registry: string;
  readonly repository: string;
  tags = $state.raw<readonly string[]>([]);
  query = $state('');
  isLoading = $state(false);
  failure = $state.raw<Failure>();
  selectedTag = $state<string>();
  image = $state.raw<RemoteImageView>();
  /** What the confirmation is open for: a tag, or the manifest that a tag names. */
  deleting = $state.raw<{ readonly tag: string; readonly what: 'tag' | 'manifest' }>();
  detailsSeen = $state(0);
  readonly visible: readonly string[] = $derived(matching(this.tags, this.query));
  #next: string | undefined;
  #waiting: string[] = [];
  #running = 0;
  readonly #asked = new Set<string>();
  readonly #details = new Map<string, DetailState>();
  readonly #engine: EngineApi;
  #controller = new AbortController();

  constructor(engine: EngineApi, registry: string, repository: string) {
    this.#engine = engine;
    this.registry = registry;
    this.repository = repository;
    this.name = `${registry}/${repository}`;
  }

  /** Reads all tags again, page by page; those that came are shown at once. */
  async load(): Promise<void> {
    this.#restart();
    const { signal } = this.#controller;
    this.isLoading = true;
    try {
      let found: readonly string[] = [];
      do {
        const after = this.#next === undefined ? {} : { after: this.#next };
        const params = { repository: this.name, limit: PAGE, ...after };
        const page = await this.#engine.registries.tags(params, { signal });
        if (signal.aborted) return;
        found = [...found, ...page.tags];
        this.tags = newestFirst(found);
        this.#next = page.next;
      } while (this.#next !== undefined);
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    } finally {
      if (!signal.aborted) this.isLoading = false;
    }
  }

  refOf(tag: string): string {
    return `${this.name}:${tag}`;
  }

  /** What a tag names; asks for it the first time. */
  detailOf(tag: string): DetailState | undefined {
    void this.detailsSeen;
    const known = this.#details.get(tag);
    if (known === undefined && !this.#asked.has(tag)) this.#ask(tag);
    return known;
  }

  select(tag: string): void {
    if (tag === this.selectedTag) return;
    this.selectedTag = tag;
    this.image?.close();
    this.image = new RemoteImageView(this.#engine, this.refOf(tag));
    void this.image.load();
  }

  /** Moves the choice by rows, stopping at the ends; answers the position to keep in sight. */
  move(by: number): number {
    const at = this.selectedTag === undefined ? -1 : this.visible.indexOf(this.selectedTag);
    const next = Math.max(0, Math.min(this.visible.length - 1, at === -1 ? 0 : at + by));
    const tag = this.visible[next];
    if (tag !== undefined) this.select(tag);
    return next;
  }

  /** Removes what the confirmation was asked for. Rejects when the registry does not allow it. */
  async delete(): Promise<void> {
    const asked = this.deleting;
    if (asked === undefined) return;
    const state = this.#details.get(asked.tag);
    const digest = state !== undefined && 'detail' in state ? state.detail.digest : undefined;
    const ref =
      asked.what === 'tag' || digest === undefined ? this.refOf(asked.tag) : `${this.name}@${digest}`;
    await this.#engine.registries.deleteRemote({ ref });
    this.deleting = undefined;
    this.image?.close();
    this.image = undefined;
    this.selectedTag = undefined;
    await this.load();
  }

  /** Tags that are known to name the same as this one. */
  tagsWith(tag: string): readonly string[] {
    const state = this.#details.get(tag);
    if (state === undefined || !('detail' in state)) return [tag];
    return this.tags.filter((other) => {
      const seen = this.#details.get(other);
      return seen !== undefined && 'detail' in seen && seen.detail.digest === state.detail.digest;
    });
  }

  close(): void {
    this.#controller.abort();
    this.image?.close();
  }

  #restart(): void {
    this.#controller.abort();
    this.#controller = new AbortController();
    this.#next = undefined;
    this.#waiting = [];
    this.#asked.clear();
    this.#details.clear();
    this.tags = [];
    this.failure = undefined;
  }

  /** The newest wish first: what was scrolled past long ago need not be known. */
  #ask(tag: string): void {
    this.#asked.add(tag);
    this.#waiting.push(tag);
    if (this.#waiting.length > MOST_WAITING) {
      const dropped = this.#waiting.shift();
      if (dropped !== undefined) this.#asked.delete(dropped);
    }
    if (this.#running < DETAILS_AT_ONCE) void this.#work();
  }

  async #work(): Promise<void> {
    const { signal } = this.#controller;
    this.#running += 1;
    // The list asks while it is drawn, and what is drawn must not change under it.
    await Promise.resolve();
    for (let tag = this.#waiting.pop(); tag !== undefined && !signal.aborted; tag = this.#waiting.pop()) {
      const state = await this.#read(tag, signal);
      if (signal.aborted) break;
      this.#details.set(tag, state);
      this.detailsSeen++;
    }
    this.#running -= 1;
  }

  async #read(tag: string, signal: AbortSignal): Promise<DetailState> {
    try {
      return { detail: await this.#engine.registries.tagDetail({ ref: this.refOf(tag) }, { signal }) };
    } catch (error) {
      return { failure: toFailure(error) };
    }
  }
}

const byNumber = new Intl.Collator('en', { numeric: true });

/** `latest`, then `3.13`, `3.12.10`, `3.12.9`: the words first, then versions from the highest down. */
function newestFirst(tags: readonly string[]): readonly string[] {
  return [...tags].sort((a, b) => byNumber.compare(b, a));
}

function matching(tags: readonly string[], query: string): readonly string[] {
  const wanted = query.trim().toLowerCase();
  return wanted === '' ? tags : tags.filter((tag) => tag.toLowerCase().includes(wanted));
}
