import './without-eval.ts';
import { engineContract, engineEvents } from '../contract/engine-api.ts';
import type { Engine, EngineEventName, EngineEvents } from '../contract/engine-api.ts';
import { connectApi } from './connect-api.ts';
import type { ApiConnection } from './connect-api.ts';
import type { Port } from './port.ts';

/** An engine at the other end of a port. `close` closes the port only: the engine lives on. */
export interface EngineConnection extends Engine {
  /** Calls back once when the connection is gone. Calls then reject with DISCONNECTED. */
  onClose(listener: () => void): void;
}

/** The engine that the other end serves. */
export function connect(port: Port): EngineConnection {
  return engineOf(connectApi(engineContract, port));
}

/** A connection whose API has at least the engine's areas, as an engine. */
export function engineOf(connection: ApiConnection<typeof engineContract>): EngineConnection {
  return {
    api: connection.api,
    on: (name, listener) => connection.on((event, payload) => tell(name, listener, event, payload)),
    close: () => Promise.resolve(connection.close()),
    onClose: (listener) => connection.onClose(listener),
  };
}

function tell<Name extends EngineEventName>(
  name: Name,
  listener: (event: EngineEvents[Name]) => void,
  event: string,
  payload: unknown,
): void {
  if (event !== name) return;
  const parsed = engineEvents[name].safeParse(payload);
  if (parsed.success) listener(parsed.data as EngineEvents[Name]);
}
