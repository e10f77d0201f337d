import { engineOf } from './connect.ts';
import type { EngineConnection } from './connect.ts';
import { connectApi } from './connect-api.ts';
import { BROWSER_SOCKET_PATH, BROWSER_SOCKET_PROTOCOL, browserContract } from '../contract/host-api.ts';
import type { hostApi } from '../contract/host-api.ts';
import type { Calls } from '../contract/method.ts';
import { socketPort } from './socket-port.ts';

export type HostApi = Calls<typeof hostApi>;

const RETRY_AFTER_MS = 1000;

/**
 * Calls back with the engine and the host behind the page's own address, and again after each reconnection. The
 * token is the address's fragment (`http://127.0.0.1:port/#token`); without the right one it never connects.
 */
export function connectBrowser(
  location: Pick<Location, 'host' | 'hash'>,
  onConnect: (engine: EngineConnection, host: HostApi) => void,
): void {
  const token = location.hash.slice(1);
  const open = (): void => {
    const socket = new WebSocket(`ws://${location.host}${BROWSER_SOCKET_PATH}`, [
      BROWSER_SOCKET_PROTOCOL,
      token,
    ]);
    socket.addEventListener('open', () => {
      const connection = connectApi(browserContract, socketPort(socket));
      onConnect(engineOf(connection), connection.api.host);
    });
    socket.addEventListener('close', () => setTimeout(open, RETRY_AFTER_MS), { once: true });
  };
  open();
}
