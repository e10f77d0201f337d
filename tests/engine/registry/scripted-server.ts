import { readFileSync } from 'node:fs';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { createServer as createTlsServer } from 'node:https';
import type { AddressInfo } from 'node:net';
import { TLSSocket } from 'node:tls';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface RequestSeen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
  /** Whether the client showed a certificate. */
  readonly isCertified: boolean;
}

export interface Answer {
  readonly status: number;
  readonly headers?: Readonly<Record<string, string | readonly string[]>>;
  readonly body?: unknown;
}

/** A server of the test's own words, until the test has finished. */
export interface ScriptedServer {
  readonly host: string;
  readonly origin: string;
  readonly seen: readonly RequestSeen[];
}

/** PEM files, for a server that speaks https. */
export interface ServerTls {
  readonly certificate: string;
  readonly key: string;
}

/** `address` lets two servers be different hosts: all of 127.0.0.0/8 is this machine. */
export async function scriptServer(
  answer: (request: RequestSeen) => Answer,
  address = '127.0.0.1',
  tls?: ServerTls,
): Promise<ScriptedServer> {
  const seen: RequestSeen[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers, socket } = request;
    const isCertified = socket instanceof TLSSocket && Object.keys(socket.getPeerCertificate()).length > 0;
    const asked = {
      method,
      path,
      authorization: headers.authorization,
      body: await text(request),
      isCertified,
    };
    seen.push(asked);
    const { status, headers: given = {}, body } = answer(asked);
    for (const [name, value] of Object.entries(given)) response.setHeader(name, value);
    response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  };
  const listener = (request: IncomingMessage, response: ServerResponse) => void respond(request, response);
  const server = tls === undefined ? createServer(listener) : createTlsServer(readTls(tls), listener);
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const host = `${address}:${(server.address() as AddressInfo).port}`;
  return { host, origin: `${tls === undefined ? 'http' : 'https'}://${host}`, seen };
}

/** Asks for a certificate of the client, and takes any or none. */
function readTls({ certificate, key }: ServerTls) {
  const trust = { requestCert: true, rejectUnauthorized: false };
  return { cert: readFileSync(certificate), key: readFileSync(key), ...trust };
}
