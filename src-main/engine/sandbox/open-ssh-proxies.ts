import { mkdtemp, rm } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { once } from 'node:events';
import { pipeline } from 'node:stream';
import type { Log } from '../log.ts';
import type { Namespace } from './open-namespace.ts';
import { runTool } from './run-tool.ts';
import type { SandboxMount } from './sandbox.ts';

export type SshMount = Extract<SandboxMount, { type: 'ssh' }>;

/** Sockets of our own, with the owner and mode that the command asked for, behind which is the host's agent. */
export interface SshProxies {
  /** The host path of a socket that passes everything on to the mount's. */
  open(mount: SshMount): Promise<string>;
  close(): Promise<void>;
}

export function openSshProxies(namespace: Namespace, log: Log): SshProxies {
  const servers: Server[] = [];
  const folders: string[] = [];
  return {
    open: async (mount) => {
      // A socket's path must be short, and nobody else may reach it: hence a private folder among the temporary ones.
      const folder = await mkdtemp(join(tmpdir(), 'varve-ssh-'));
      folders.push(folder);
      const path = join(folder, 'agent.sock');
      servers.push(await listen(path, mount.hostSocket, log));
      const script = 'chown -- "$1" "$3" && chmod -- "$2" "$3"';
      const args = ['sh', '-c', script, 'own', `${mount.uid}:${mount.gid}`, mount.mode.toString(8), path];
      await runTool(namespace, args, { what: 'hand over the SSH agent' });
      return path;
    },
    close: async () => {
      for (const server of servers) server.close();
      await Promise.all(folders.map((folder) => rm(folder, { recursive: true, force: true })));
    },
  };
}

async function listen(path: string, hostSocket: string, log: Log): Promise<Server> {
  const server = createServer({ allowHalfOpen: true }, (incoming) => {
    const outgoing = connect({ path: hostSocket, allowHalfOpen: true });
    const ended = (error: NodeJS.ErrnoException | null | undefined): void => {
      if (error != null) log.debug({ code: error.code }, 'the SSH agent hung up');
    };
    pipeline(incoming, outgoing, ended);
    pipeline(outgoing, incoming, ended);
  });
  server.unref();
  server.listen(path);
  await once(server, 'listening');
  return server;
}
