import { EngineError } from '../../src-main/contract/errors.ts';
import type { Engine, EngineApi, EngineEventName, EngineEvents } from '../../src-main/contract/engine-api.ts';

type Listener = (event: never) => void;

/**
 * The engine behind a connection that may be lost and made again. Who holds it calls and listens as if it were always
 * the same one; calls without a connection reject with DISCONNECTED.
 */
export class EngineLink implements Engine {
  connected = $state(false);
  readonly api: EngineApi;
  #current: Engine | undefined;
  readonly #listeners = new Map<EngineEventName, Set<Listener>>();
  #stops: readonly (() => void)[] = [];

  constructor() {
    const areas = (): EngineApi => this.#connectedApi();
    this.api = {
      get images() {
        return areas().images;
      },
      get files() {
        return areas().files;
      },
      get builds() {
        return areas().builds;
      },
      get buildRecords() {
        return areas().buildRecords;
      },
      get dockerfiles() {
        return areas().dockerfiles;
      },
      get contexts() {
        return areas().contexts;
      },
      get store() {
        return areas().store;
      },
      get cache() {
        return areas().cache;
      },
      get registries() {
        return areas().registries;
      },
      get terminals() {
        return areas().terminals;
      },
    };
  }

  /** Takes a new connection in place of the one before. */
  attach(engine: Engine): void {
    this.#stops.forEach((stop) => stop());
    this.#current = engine;
    this.#stops = (['imagesChanged', 'storeChanged', 'buildRecordsChanged', 'buildsChanged'] as const).map(
      (name) => engine.on(name, (event) => this.#tell(name, event)),
    );
    this.connected = true;
  }

  /** Notes that this connection is gone, unless another has taken its place. */
  detach(engine: Engine): void {
    if (engine === this.#current) this.connected = false;
  }

  on<Name extends EngineEventName>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void {
    const listeners = this.#listeners.get(name) ?? new Set<Listener>();
    this.#listeners.set(name, listeners);
    listeners.add(listener);
    return () => void listeners.delete(listener);
  }

  async close(): Promise<void> {
    await this.#current?.close();
  }

  #tell<Name extends EngineEventName>(name: Name, event: EngineEvents[Name]): void {
    for (const listener of [...(this.#listeners.get(name) ?? [])]) {
      (listener as (event: EngineEvents[Name]) => void)(event);
    }
  }

  #connectedApi(): EngineApi {
    if (this.#current !== undefined) return this.#current.api;
    throw new EngineError('DISCONNECTED', 'The engine is not connected yet', {
      hint: 'It is starting; try again in a moment.',
    });
  }
}
