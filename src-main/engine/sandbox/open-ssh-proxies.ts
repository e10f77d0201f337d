import { mkdir, open, type FileHandle } from 'node:fs/promises';
import { connect, createServer, type Server } from 'node:net';
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
  /** The host path of a socket, somewhere in this folder, that passes everything on to the mount's. */
  open(mount: SshMount, folder: string): Promise<string>;
  close(): Promise<void>;
}

export function openSshProxies(namespace: Namespace, log: Log): SshProxies {
  const servers: Server[] = [];
  const folders: FileHandle[] = [];
  return {
    open: async (mount, parent) => {
      // Nobody else may reach it.
      const folder = join(parent, `ssh-${servers.length}`);
      await mkdir(folder, { mode: 0o700 });
      const handle = await open(folder);
      folders.push(handle);
      servers.push(await listen(shortPath(handle), mount.hostSocket, log));
      const path = join(folder, SOCKET);
      const script = 'chown -- "$1" "$3" && chmod -- "$2" "$3"';
      const args = ['sh', '-c', script, 'own', `${mount.uid}:${mount.gid}`, mount.mode.toString(8), path];
      await runTool(namespace, args, { what: 'hand over the SSH agent' });
      return path;
    },
    close: async () => {
      for (const server of servers) server.close();
      await Promise.all(folders.map((folder) => folder.close()));
    },
  };
}

const SOCKET = 'agent.sock';

/** A socket's path has room for a hundred characters, which the data folder's may have alone. */
function shortPath({ fd }: FileHandle): string {
  return `/proc/self/fd/${fd}/${SOCKET}`;
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
