import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import type { AddressInfo } from 'node:net';
import { browserContract } from '../contract/host-api.ts';
import type { EngineConnection } from '../rpc/connect.ts';
import type { RpcLog } from '../rpc/rpc-log.ts';
import { serveApi } from '../rpc/serve-api.ts';
import { subscribeAll } from '../rpc/serve.ts';
import { socketPort } from '../rpc/socket-port.ts';
import { acceptSockets } from './accept-sockets.ts';
import { listFolder } from './list-folder.ts';
import { createPageServer } from './page-server.ts';

export interface BrowserOptions {
  /** The engine that a new page gets. When it goes away the page is disconnected, and gets the next one. */
  readonly engine: () => EngineConnection;
  /** The folder of the built page. */
  readonly pageFolder: string;
  /** A free one when it is 0 or absent. */
  readonly port?: number;
  readonly log: RpcLog;
}

export interface BrowserServer {
  /** What to open: the address with its token in the fragment, which no request carries. */
  readonly url: string;
  close(): Promise<void>;
}

/** Serves the page and its engine on loopback, to whoever has the fresh token (S12). */
export async function serveBrowser({
  engine,
  pageFolder,
  port = 0,
  log,
}: BrowserOptions): Promise<BrowserServer> {
  const token = randomBytes(32).toString('base64url');
  const server = await createPageServer(pageFolder);
  const cutOff = acceptSockets(server, token, (socket) => {
    const current = engine();
    current.onClose(() => socket.close());
    const api = { ...current.api, host: { listFolder } };
    const subscribe = (tell: (name: string, payload: unknown) => void): (() => void) =>
      subscribeAll(current, tell);
    serveApi(browserContract, api, socketPort(socket), { log, subscribe });
  });
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const { port: actual } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${String(actual)}/#${token}`,
    close: async () => {
      const closed = once(server, 'close');
      server.close();
      cutOff();
      server.closeAllConnections();
      await closed;
    },
  };
}
