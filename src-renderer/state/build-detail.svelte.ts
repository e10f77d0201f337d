import type { BuildRecord } from '../../src-main/contract/build-records-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { BuildLog } from './build-log.svelte.ts';
import { toFailure, type Failure } from './failure.ts';

/** One recorded build with its log, followed while it runs. */
export class BuildDetail {
  readonly id: string;
  record = $state.raw<BuildRecord>();
  failure = $state.raw<Failure>();
  readonly log: BuildLog;
  readonly isRunning: boolean = $derived(this.record?.status === 'running');
  readonly #engine: EngineApi;
  readonly #controller = new AbortController();
  #next = 0;
  #isComplete = false;
  #reading: Promise<void> | undefined;
  #isStale = false;

  constructor(engine: EngineApi, id: string, log: BuildLog = new BuildLog()) {
    this.#engine = engine;
    this.id = id;
    this.log = log;
  }

  /** Reads what has come since; calls that overlap are one, and one more when something came meanwhile. */
  async refresh(): Promise<void> {
    this.#isStale = true;
    this.#reading ??= this.#readAll().finally(() => (this.#reading = undefined));
    await this.#reading;
  }

  close(): void {
    this.#controller.abort();
  }

  async #readAll(): Promise<void> {
    const { signal } = this.#controller;
    try {
      while (this.#isStale && !signal.aborted) {
        this.#isStale = false;
        this.record = await this.#engine.buildRecords.get({ id: this.id }, { signal });
        await this.#readLog(signal);
      }
      this.failure = undefined;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  async #readLog(signal: AbortSignal): Promise<void> {
    while (!this.#isComplete && !signal.aborted) {
      const part = await this.#engine.buildRecords.log({ id: this.id, from: this.#next }, { signal });
      for (const { event } of part.events) this.log.push(event);
      const isAtEnd = part.next === this.#next;
      this.#next = part.next;
      if (part.isComplete) this.#end();
      else if (isAtEnd) return;
    }
  }

  #end(): void {
    this.#isComplete = true;
    const status = this.record?.status;
    this.log.end(status === 'succeeded' ? 'ran' : status === 'failed' ? 'failed' : 'cancelled');
  }
}
