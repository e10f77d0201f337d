import { EngineError } from '../../../src-main/contract/errors.ts';
import type {
  Engine,
  EngineApi,
  EngineEventName,
  EngineEvents,
} from '../../../src-main/contract/engine-api.ts';

type Overrides = { readonly [Area in keyof EngineApi]?: Partial<EngineApi[Area]> };

export interface FakeEngine extends Engine {
  /** Tells an event to everyone who listens. */
  tell<Name extends EngineEventName>(name: Name, event: EngineEvents[Name]): void;
}

/** Stands in for the connection to the engine: calls that a test does not answer reject, as on a broken line. */
export function fakeEngine(overrides: Overrides = {}): FakeEngine {
  const listeners = new Map<EngineEventName, Set<(event: never) => void>>();
  const area = <Area extends keyof EngineApi>(name: Area): EngineApi[Area] =>
    new Proxy({ ...overrides[name] } as EngineApi[Area], {
      get: (given, method) =>
        Reflect.get(given, method) ??
        (() => Promise.reject(new EngineError('DISCONNECTED', `no answer for ${name}.${String(method)}`))),
    });
  return {
    api: {
      images: area('images'),
      files: area('files'),
      builds: area('builds'),
      buildRecords: area('buildRecords'),
      dockerfiles: area('dockerfiles'),
      contexts: area('contexts'),
      store: area('store'),
      cache: area('cache'),
      registries: area('registries'),
      terminals: area('terminals'),
    },
    on(name, listener) {
      const heard = listeners.get(name) ?? new Set();
      listeners.set(name, heard);
      heard.add(listener);
      return () => void heard.delete(listener);
    },
    tell(name, event) {
      for (const listener of listeners.get(name) ?? []) (listener as (event: unknown) => void)(event);
    },
    close: () => Promise.resolve(),
  };
}
