import type { Engine } from '../../src-main/contract/engine-api.ts';
import type { DiskUsage, EngineStatus } from '../../src-main/contract/store-api.ts';
import { toFailure, type Failure } from './failure.ts';
import { Latest } from './latest.ts';

/** What the status bar shows: whether the engine answers, what it can do here, what runs, and the disk. */
export class EngineStatusLine {
  status = $state.raw<EngineStatus>();
  disk = $state.raw<DiskUsage>();
  failure = $state.raw<Failure>();
  runningBuilds = $state(0);
  readonly #engine: Engine;
  readonly #ask = new Latest();

  constructor(engine: Engine) {
    this.#engine = engine;
  }

  async refresh(): Promise<void> {
    const signal = this.#ask.next();
    const { store } = this.#engine.api;
    try {
      const status = await store.status({}, { signal });
      if (signal.aborted) return;
      this.status = status;
      this.runningBuilds = status.runningBuilds;
      this.failure = undefined;
      const disk = await store.diskUsage({}, { signal });
      if (!signal.aborted) this.disk = disk;
    } catch (error) {
      if (!signal.aborted) this.failure = toFailure(error);
    }
  }

  /** Follows the engine's events until the returned function is called. */
  follow(): () => void {
    const stops = [
      this.#engine.on('storeChanged', () => void this.refresh()),
      this.#engine.on('buildsChanged', ({ running }) => (this.runningBuilds = running)),
    ];
    return () => stops.forEach((stop) => stop());
  }
}
