import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { onTestFinished } from 'vitest';

export interface RequestSeen {
  readonly method: string;
  /** With its query. */
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
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

/** `address` lets two servers be different hosts: all of 127.0.0.0/8 is this machine. */
export async function scriptServer(
  answer: (request: RequestSeen) => Answer,
  address = '127.0.0.1',
): Promise<ScriptedServer> {
  const seen: RequestSeen[] = [];
  const respond = async (request: IncomingMessage, response: ServerResponse): Promise<void> => {
    const { method = '', url: path = '', headers } = request;
    const asked = { method, path, authorization: headers.authorization, body: await text(request) };
    seen.push(asked);
    const { status, headers: given = {}, body } = answer(asked);
    for (const [name, value] of Object.entries(given)) response.setHeader(name, value);
    response.writeHead(status).end(body === undefined ? undefined : JSON.stringify(body));
  };
  const server = createServer((request, response) => void respond(request, response));
  await new Promise<void>((resolve) => server.listen(0, address, resolve));
  onTestFinished(async () => {
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  });
  const host = `${address}:${(server.address() as AddressInfo).port}`;
  return { host, origin: `http://${host}`, seen };
}
