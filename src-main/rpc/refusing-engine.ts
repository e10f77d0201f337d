import { engineContract } from '../contract/engine-api.ts';
import type { Engine } from '../contract/engine-api.ts';
import type { EngineError } from '../contract/errors.ts';
import { createApi } from './contract-of.ts';

/** Stands in for an engine that could not be opened: every call tells why. */
export function refusingEngine(why: EngineError): Engine {
  return {
    api: createApi(engineContract, () => () => Promise.reject(why)),
    on: () => () => undefined,
    close: () => Promise.resolve(),
  };
}
