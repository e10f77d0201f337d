import type { EngineApi } from '../../src-main/contract/engine-api.ts';
import { toFailure, type Failure } from './failure.ts';

export type FileDifference = Awaited<ReturnType<EngineApi['files']['compare']>>[number];

/** The files that differ between two images, asked for at once. */
export class FileDifferences {
  rows = $state.raw<readonly FileDifference[]>();
  failure = $state.raw<Failure>();

  constructor(
    engine: EngineApi,
    images: { readonly from: string; readonly to: string },
    signal: AbortSignal,
  ) {
    void this.#read(engine, images, signal);
  }

  async #read(...[engine, images, signal]: ConstructorParameters<typeof FileDifferences>): Promise<void> {
    try {
      this.rows = await engine.files.compare(images, { signal });
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }
}
