import { engineContract, engineEvents } from '../contract/engine-api.ts';
import type { Engine, EngineEventName } from '../contract/engine-api.ts';
import { serveApi } from './serve-api.ts';
import type { Port } from './port.ts';
import type { RpcLog } from './rpc-log.ts';

/**
 * Lets the other end of `port` use the engine and hear its events until the port closes; then its running calls
 * are aborted. Any number of ports may be served; the engine outlives them all.
 */
export function serve(engine: Engine, port: Port, log: RpcLog): void {
  serveApi(engineContract, engine.api, port, { log, subscribe: (tell) => subscribeAll(engine, tell) });
}

/** Hears every event of the engine; the returned function ends it. */
export function subscribeAll(engine: Engine, tell: (name: string, payload: unknown) => void): () => void {
  const names = Object.keys(engineEvents) as EngineEventName[];
  const ends = names.map((name) => engine.on(name, (payload) => tell(name, payload)));
  return () => {
    for (const end of ends) end();
  };
}
