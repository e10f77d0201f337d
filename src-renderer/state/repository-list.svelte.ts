import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { toFailure, type Failure } from './failure.ts';

const PAGE = 200;

/** Docker Hub has no list of all repositories, and looking at its settings is no reason to ask it anything. */
const UNLISTED = 'docker.io';

/** The repositories of one registry, as far as it lists them. */
export class RepositoryList {
  readonly registry: string;
  names = $state.raw<readonly string[]>([]);
  query = $state('');
  isLoading = $state(false);
  /** Most public registries do not list what they have: then a name has to be written. */
  failure = $state.raw<Failure>();
  #next = $state<string>();
  #hasAsked = false;
  readonly #engine: EngineApi;
  readonly #controller = new AbortController();

  constructor(engine: EngineApi, registry: string) {
    this.#engine = engine;
    this.registry = registry;
  }

  get hasMore(): boolean {
    return this.#next !== undefined;
  }

  get isListed(): boolean {
    return this.#hasAsked && this.failure === undefined && !this.isLoading;
  }

  get isUnlisted(): boolean {
    return this.registry === UNLISTED;
  }

  /** Asks for the first page once. */
  start(): void {
    if (this.#hasAsked || this.isUnlisted) return;
    this.#hasAsked = true;
    void this.loadMore();
  }

  /** Asks anew; what is shown stays until the answer comes. */
  async reload(): Promise<void> {
    if (this.isUnlisted) return;
    this.#next = undefined;
    this.failure = undefined;
    this.#hasAsked = true;
    await this.loadMore();
  }

  async loadMore(): Promise<void> {
    if (this.isLoading) return;
    const { signal } = this.#controller;
    this.isLoading = true;
    try {
      const after = this.#next === undefined ? {} : { after: this.#next };
      const params = { registry: this.registry, limit: PAGE, ...after };
      const page = await this.#engine.registries.repositories(params, { signal });
      if (signal.aborted) return;
      this.names = this.#next === undefined ? page.names : [...this.names, ...page.names];
      this.#next = page.next;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    } finally {
      this.isLoading = false;
    }
  }

  close(): void {
    this.#controller.abort();
  }
}
