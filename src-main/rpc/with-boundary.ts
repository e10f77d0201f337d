import { engineContract } from '../contract/engine-api.ts';
import type { Engine } from '../contract/engine-api.ts';
import { createApi } from './contract-of.ts';
import { parseAnswer } from './parse-with.ts';
import { performCall } from './perform-call.ts';
import type { RpcLog } from './rpc-log.ts';

/**
 * The boundary without a channel, for callers in the engine's own process: parameters and answers are parsed and
 * errors mapped exactly as over a port, so that a test or a verb cannot rely on what a window would not get.
 */
export function withBoundary(engine: Engine, log: RpcLog): Engine {
  const api = createApi(engineContract, (area, name, method) => async (params, options) => {
    const call = `${area}.${name}`;
    const { signal, onProgress } = options ?? {};
    const report = onProgress && ((item: unknown) => onProgress(parseAnswer(method.progress, item, call)));
    const request = { area, method: name, params, signal, onProgress: report };
    return parseAnswer(method.result, await performCall(engineContract, engine.api, request, log), call);
  });
  return { api, on: (name, listener) => engine.on(name, listener), close: () => engine.close() };
}
