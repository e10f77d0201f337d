import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http';

/** Stands before a registry and keeps the ends of blobs back until it is told to let go. */
export interface HoldingProxy {
  /** `127.0.0.1:port`. */
  readonly host: string;
  letGo(): void;
  close(): Promise<void>;
}

const FIRST_BYTES = 10_000;

export async function startHoldingProxy(target: string): Promise<HoldingProxy> {
  let isHolding = true;
  const letGo = Promise.withResolvers<void>();
  const pass = (message: IncomingMessage, answer: ServerResponse): void => {
    const { method, headers, url = '' } = message;
    const onward = request(`http://${target}${url}`, { method, headers: { ...headers, host: target } });
    onward.on('response', (response) => {
      answer.writeHead(response.statusCode ?? 500, response.headers);
      const isBlob = url.includes('/blobs/') && method === 'GET';
      void copy(response, answer, isBlob && isHolding ? letGo.promise : undefined);
    });
    message.pipe(onward);
  };
  const server = createServer(pass);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const address = server.address();
  return {
    host: `127.0.0.1:${typeof address === 'object' ? (address?.port ?? 0) : 0}`,
    letGo: () => {
      isHolding = false;
      letGo.resolve();
    },
    close: () => {
      letGo.resolve();
      server.closeAllConnections();
      return new Promise((resolve) => server.close(() => resolve()));
    },
  };
}

async function copy(
  response: IncomingMessage,
  answer: ServerResponse,
  until: Promise<void> | undefined,
): Promise<void> {
  let sent = 0;
  for await (const chunk of response as AsyncIterable<Buffer>) {
    const now = until === undefined ? chunk.length : Math.max(0, Math.min(chunk.length, FIRST_BYTES - sent));
    answer.write(chunk.subarray(0, now));
    sent += now;
    if (now === chunk.length) continue;
    await until;
    answer.write(chunk.subarray(now));
    sent += chunk.length;
  }
  answer.end();
}
