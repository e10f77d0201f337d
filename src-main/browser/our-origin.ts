import type { IncomingMessage } from 'node:http';

/**
 * True when the request was addressed to this server by its loopback address. A page of another site that made its
 * name point at 127.0.0.1 (DNS rebinding) sends its own name.
 */
export function hasOurHost(request: IncomingMessage): boolean {
  const { host } = request.headers;
  const port = String(request.socket.localPort);
  return host === `127.0.0.1:${port}` || host === `localhost:${port}`;
}

/** True when the request comes from a page that this server served. */
export function hasOurOrigin(request: IncomingMessage): boolean {
  return hasOurHost(request) && request.headers.origin === `http://${String(request.headers.host)}`;
}
