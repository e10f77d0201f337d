import { fork } from 'node:child_process';
import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { MessageChannel } from 'node:worker_threads';
import { WebSocket } from 'ws';
import { serveBrowser } from '../../../src-main/browser/serve-browser.ts';
import type { Engine } from '../../../src-main/contract/engine-api.ts';
import { BROWSER_SOCKET_PATH, BROWSER_SOCKET_PROTOCOL } from '../../../src-main/contract/host-api.ts';
import { connect } from '../../../src-main/rpc/connect.ts';
import type { EngineConnection } from '../../../src-main/rpc/connect.ts';
import { messagePort } from '../../../src-main/rpc/message-port.ts';
import type { MessagePortLike } from '../../../src-main/rpc/message-port.ts';
import { processPort } from '../../../src-main/rpc/process-port.ts';
import { serve } from '../../../src-main/rpc/serve.ts';
import { socketPort } from '../../../src-main/rpc/socket-port.ts';
import { withBoundary } from '../../../src-main/rpc/with-boundary.ts';

/** One way for a caller to reach an engine. */
export interface Host {
  /** A caller of its own. In process there is nothing to disconnect, so it is a plain Engine. */
  open(): Promise<Engine | EngineConnection>;
  close(): Promise<void>;
}

export const silent = { warn: () => undefined, error: () => undefined };

export function inProcess(engine: Engine): Host {
  return {
    open: () => Promise.resolve(withBoundary(engine, silent)),
    close: () => engine.close(),
  };
}

export function overMessagePort(engine: Engine): Host {
  return {
    open: () => {
      const { port1, port2 } = new MessageChannel();
      serve(engine, messagePort(port1 as unknown as MessagePortLike), silent);
      return Promise.resolve(connect(messagePort(port2 as unknown as MessagePortLike)));
    },
    close: () => engine.close(),
  };
}

/** A child process that runs `script` and serves its engine over IPC: one process, and one caller, an open. */
export function overChildProcess(script: string, env: Readonly<Record<string, string>> = {}): Host {
  const children: ChildProcess[] = [];
  return {
    open: () => {
      const child = fork(script, [], { env: { ...process.env, ...env } });
      children.push(child);
      return Promise.resolve(connect(processPort(child)));
    },
    close: async () => {
      await Promise.all(children.map(endChild));
    },
  };
}

/** Waits until it has closed its engine and is gone: until then it may write. */
export async function endChild(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  if (child.connected) child.disconnect();
  await exit;
}

/** The browser window's server over `engine`. */
export async function overWebSocket(engine: EngineConnection): Promise<Host> {
  const pageFolder = await mkdtemp(join(tmpdir(), 'varve-page-'));
  await writeFile(join(pageFolder, 'index.html'), '<title>page</title>');
  const server = await serveBrowser({ engine: () => engine, pageFolder, log: silent });
  return {
    open: async () => connect(socketPort(await openSocket(server.url))),
    close: async () => {
      await server.close();
      await rm(pageFolder, { recursive: true });
      await engine.close();
    },
  };
}

/** A WebSocket as our page would open it. */
export async function openSocket(pageUrl: string): Promise<WebSocket> {
  const { host, origin, hash } = new URL(pageUrl);
  const protocols = [BROWSER_SOCKET_PROTOCOL, hash.slice(1)];
  const socket = new WebSocket(`ws://${host}${BROWSER_SOCKET_PATH}`, protocols, { origin });
  await once(socket, 'open');
  return socket;
}

/** An engine in this process, with the part of a connection that never happens to it. */
export function asConnection(engine: Engine): EngineConnection {
  return { ...engine, onClose: () => undefined };
}
