import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage, Server } from 'node:http';
import type { Duplex } from 'node:stream';
import { WebSocketServer } from 'ws';
import type { WebSocket } from 'ws';
import { BROWSER_SOCKET_PATH, BROWSER_SOCKET_PROTOCOL } from '../contract/host-api.ts';
import { hasOurOrigin } from './our-origin.ts';

const MAX_MESSAGE_BYTES = 16 * 1024 * 1024;

/**
 * Calls back with each WebSocket that comes from our own page and knows the token; refuses every other. Call what it
 * answers to cut them all off: a server does not close before they are.
 */
export function acceptSockets(
  server: Server,
  token: string,
  onSocket: (socket: WebSocket) => void,
): () => void {
  const sockets = new WebSocketServer({
    noServer: true,
    maxPayload: MAX_MESSAGE_BYTES,
    handleProtocols: () => BROWSER_SOCKET_PROTOCOL,
  });
  server.on('upgrade', (request: IncomingMessage, stream: Duplex, head: Buffer) => {
    if (!isAllowed(request, token)) stream.end('HTTP/1.1 403 Forbidden\r\nConnection: close\r\n\r\n');
    else sockets.handleUpgrade(request, stream, head, onSocket);
  });
  return () => {
    for (const socket of sockets.clients) socket.terminate();
    sockets.close();
  };
}

function isAllowed(request: IncomingMessage, token: string): boolean {
  const [protocol, given = ''] = (request.headers['sec-websocket-protocol'] ?? '')
    .split(',')
    .map((s) => s.trim());
  const rightPlace = request.url === BROWSER_SOCKET_PATH && protocol === BROWSER_SOCKET_PROTOCOL;
  return rightPlace && hasOurOrigin(request) && isSame(given, token);
}

/** Compares in a time that tells nothing about where the two differ. */
function isSame(given: string, token: string): boolean {
  return timingSafeEqual(digestOf(given), digestOf(token));
}

function digestOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
