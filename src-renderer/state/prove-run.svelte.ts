import type { BuildEvent, BuildRequestInput, ProveResult } from '../../src-main/contract/builds-api.ts';
import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { toFailure, type Failure } from './failure.ts';

/** A build that is being built twice, to see whether both come out the same. */
export class ProveRun {
  /** Which of the two is being built. */
  which = $state<1 | 2>(1);
  /** Steps that have ended in it, of so many. */
  ended = $state(0);
  total = $state(0);
  /** The instruction that began last. */
  doing = $state('');
  result = $state.raw<ProveResult>();
  failure = $state.raw<Failure>();
  readonly reproducible: boolean;
  readonly #controller = new AbortController();
  #instructions: ReadonlyMap<string, string> = new Map();

  constructor(engine: EngineApi, request: BuildRequestInput) {
    this.reproducible = request.reproducible ?? false;
    void this.#run(engine, request);
  }

  cancel(): void {
    this.#controller.abort();
  }

  async #run(engine: EngineApi, request: BuildRequestInput): Promise<void> {
    try {
      this.result = await engine.builds.prove(request, {
        signal: this.#controller.signal,
        onProgress: ({ build, event }) => this.#apply(build, event),
      });
    } catch (error) {
      this.failure = toFailure(error);
    }
  }

  #apply(build: 1 | 2, event: BuildEvent): void {
    if (build !== this.which) this.ended = 0;
    this.which = build;
    if (event.type === 'plan') {
      this.total = event.steps.length;
      this.#instructions = new Map(event.steps.map(({ id, instruction }) => [id, instruction]));
    } else if (event.type === 'step-start') {
      this.doing = this.#instructions.get(event.step) ?? this.doing;
    } else if (event.type === 'step-end') this.ended += 1;
  }
}
