import { z } from 'zod';
import { buildRecordsApi } from './build-records-api.ts';
import { buildsApi, contextsApi } from './builds-api.ts';
import { cacheApi } from './cache-api.ts';
import { dockerfilesApi } from './dockerfiles-api.ts';
import { filesApi } from './files-api.ts';
import { imagesApi } from './images-api.ts';
import type { Calls } from './method.ts';
import { registriesApi } from './registries-api.ts';
import { storeApi } from './store-api.ts';
import { terminalsApi } from './terminals-api.ts';

/** The whole contract by area, as schemas: what `serve` parses with and `connect` makes calls from. */
export const engineContract = {
  images: imagesApi,
  files: filesApi,
  builds: buildsApi,
  buildRecords: buildRecordsApi,
  dockerfiles: dockerfilesApi,
  contexts: contextsApi,
  store: storeApi,
  cache: cacheApi,
  registries: registriesApi,
  terminals: terminalsApi,
};
export type EngineContract = typeof engineContract;

/** The engine as its callers see it: in process, over a MessagePort or over a WebSocket. */
export type EngineApi = { readonly [Area in keyof EngineContract]: Calls<EngineContract[Area]> };

/**
 * What the engine tells everyone, without being asked. Each says only that something changed, and who wants to know
 * asks again; changes made by another process on the same store arrive within a second.
 */
export const engineEvents = {
  /** Tags or images changed. */
  imagesChanged: z.object({}),
  /** The store's size, cache or state changed; told after every `imagesChanged` too. */
  storeChanged: z.object({}),
  /** A build began, said or did something, or ended, in any process; or records came or went. */
  buildRecordsChanged: z.object({}),
  /** Builds that run now, in this process. */
  buildsChanged: z.object({ running: z.number() }),
};
export type EngineEvents = {
  readonly [Name in keyof typeof engineEvents]: z.output<(typeof engineEvents)[Name]>;
};
export type EngineEventName = keyof EngineEvents;

/** An engine that also tells its events. */
export interface Engine {
  readonly api: EngineApi;
  /** Calls `listener` for each event until the returned function is called. */
  on<Name extends EngineEventName>(name: Name, listener: (event: EngineEvents[Name]) => void): () => void;
  /** Ends running builds, then closes the store. Idempotent. */
  close(): Promise<void>;
}
