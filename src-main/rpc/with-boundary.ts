import type { Engine, EngineApi, EngineContract } from '../contract/engine-api.ts';
import type { Area } from '../contract/method.ts';
import { mapCalls, type AnyCall } from './contract-of.ts';
import { parseAnswer } from './parse-with.ts';
import { performCall } from './perform-call.ts';
import type { RpcLog } from './rpc-log.ts';

/** The schemas of each area: a command uses one or two of them, and to make all takes a twentieth of its start. */
const AREAS: { readonly [Area in keyof EngineContract]: () => Promise<EngineContract[Area]> } = {
  images: async () => (await import('../contract/images-api.ts')).imagesApi,
  files: async () => (await import('../contract/files-api.ts')).filesApi,
  builds: async () => (await import('../contract/builds-api.ts')).buildsApi,
  buildRecords: async () => (await import('../contract/build-records-api.ts')).buildRecordsApi,
  dockerfiles: async () => (await import('../contract/dockerfiles-api.ts')).dockerfilesApi,
  contexts: async () => (await import('../contract/builds-api.ts')).contextsApi,
  store: async () => (await import('../contract/store-api.ts')).storeApi,
  cache: async () => (await import('../contract/cache-api.ts')).cacheApi,
  registries: async () => (await import('../contract/registries-api.ts')).registriesApi,
  terminals: async () => (await import('../contract/terminals-api.ts')).terminalsApi,
};

/**
 * The boundary without a channel, for callers in the engine's own process: parameters and answers are parsed and
 * errors mapped exactly as over a port, so that a test or a verb cannot rely on what a window would not get.
 */
export function withBoundary(engine: Engine, log: RpcLog): Engine {
  // The engine's own calls made it, so it has their shape.
  const api = mapCalls<unknown>(engine.api, (area, name) =>
    boundedCall(engine, log, area as keyof EngineContract, name),
  ) as EngineApi;
  return { api, on: (name, listener) => engine.on(name, listener), close: () => engine.close() };
}

function boundedCall(engine: Engine, log: RpcLog, area: keyof EngineContract, name: string): AnyCall {
  const call = `${area}.${name}`;
  return async (params, { signal, onProgress } = {}) => {
    const methods: Area = await AREAS[area]();
    // By its type an engine has the contract's calls and no other.
    const { progress, result } = methods[name]!;
    const report = onProgress && ((item: unknown) => onProgress(parseAnswer(progress, item, call)));
    const request = { area, method: name, params, signal, onProgress: report };
    return parseAnswer(result, await performCall({ [area]: methods }, engine.api, request, log), call);
  };
}
