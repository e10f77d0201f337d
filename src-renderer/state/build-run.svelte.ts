import { isEngineError } from '../../src-main/contract/errors.ts';
import type { BuildEvent, BuildRequestInput, BuildResult } from '../../src-main/contract/builds-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { BuildLog } from './build-log.svelte.ts';
import { toFailure, type Failure } from './failure.ts';

export type RunStatus = 'running' | 'cancelling' | 'succeeded' | 'failed' | 'cancelled';

/** One build from its start to its end, with its log. */
export class BuildRun {
  status = $state<RunStatus>('running');
  result = $state.raw<BuildResult>();
  failure = $state.raw<Failure>();
  readonly startedAt = Date.now();
  endedAt = $state<number>();
  /** The record that it leaves, as soon as it is known. */
  record = $state<string>();
  readonly log: BuildLog;
  readonly #controller = new AbortController();

  constructor(log: BuildLog = new BuildLog()) {
    this.log = log;
  }

  get isRunning(): boolean {
    return this.status === 'running' || this.status === 'cancelling';
  }

  /** Never rejects: how it ended is in `status`, `result` and `failure`. */
  async start(engine: EngineApi, request: BuildRequestInput): Promise<void> {
    try {
      this.result = await engine.builds.run(request, {
        signal: this.#controller.signal,
        onProgress: (event) => this.#hear(event),
      });
      this.#end('succeeded');
    } catch (error) {
      if (!isEngineError(error, 'CANCELLED')) this.failure = toFailure(error);
      this.#end(this.failure === undefined ? 'cancelled' : 'failed');
    }
  }

  #hear(event: BuildEvent): void {
    if (event.type === 'record') this.record = event.id;
    else this.log.push(event);
  }

  cancel(): void {
    if (this.status !== 'running') return;
    this.status = 'cancelling';
    this.#controller.abort();
  }

  #end(status: 'succeeded' | 'failed' | 'cancelled'): void {
    this.log.end(status === 'succeeded' ? 'ran' : status);
    this.endedAt = Date.now();
    this.status = status;
  }
}
