import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { text } from 'node:stream/consumers';
import type { BuildRequest } from '../../contract/builds-api.ts';
import { EngineError } from '../../contract/errors.ts';
import { hasTool } from '../sandbox/has-tool.ts';
import { toolEnvironment } from '../sandbox/tool-environment.ts';

type Given = BuildRequest['ssh'][number];

/** What a build is given of SSH: sockets of agents only. */
interface SshAgents extends AsyncDisposable {
  readonly ssh: BuildRequest['ssh'];
}

/**
 * Puts an agent of our own in the place of keys. It ends with the engine's process at the latest, and the keys are in
 * its memory only. NOT_FOUND and INVALID_INPUT for what is neither a socket nor keys.
 */
export async function openSshAgents(given: BuildRequest['ssh']): Promise<SshAgents> {
  const opened = new AsyncDisposableStack();
  try {
    const ssh: Given[] = [];
    for (const one of given) ssh.push((await isAgent(one)) ? one : await holdKeys(one, opened));
    return { ssh, [Symbol.asyncDispose]: () => opened.disposeAsync() };
  } catch (error) {
    await opened.disposeAsync();
    throw error;
  }
}

async function isAgent({ id, paths }: Given): Promise<boolean> {
  const sockets: boolean[] = [];
  for (const path of paths) {
    const found = await stat(path).catch(() => undefined);
    if (found === undefined) throw new EngineError('NOT_FOUND', `--ssh ${id}: there is no ${path}`);
    sockets.push(found.isSocket());
  }
  if (sockets.length > 1 && sockets.includes(true)) {
    throw new EngineError('INVALID_INPUT', `--ssh ${id}: an agent’s socket stands alone`, {
      hint: 'Name one socket, or only keys.',
    });
  }
  return !sockets.includes(false);
}

async function holdKeys({ id, paths }: Given, opened: AsyncDisposableStack): Promise<Given> {
  if (!(await hasTool('ssh-agent'))) {
    throw new EngineError('NOT_FOUND', `--ssh ${id}: keys need OpenSSH’s agent`, {
      hint: 'apt install openssh-client',
    });
  }
  const folder = await mkdtemp(join(tmpdir(), 'varve-keys-'));
  const socket = join(folder, 'agent.sock');
  await startAgent(folder, opened);
  for (const path of paths) await addKey(id, path, socket);
  return { id, paths: [socket] };
}

/** Goes on until its input ends, as it does with whoever started it, and leaves nothing. */
const UNTIL_INPUT_ENDS = `ssh-agent -D -a "$1/agent.sock" & agent=$!
  cat >/dev/null; kill "$agent"; wait "$agent"; rm -rf -- "$1"`;

async function startAgent(folder: string, opened: AsyncDisposableStack): Promise<void> {
  const child = spawn('sh', ['-c', UNTIL_INPUT_ENDS, 'agent', folder], {
    stdio: ['pipe', 'pipe', 'ignore'],
    env: toolEnvironment(),
    detached: true,
  });
  const ended = once(child, 'close');
  opened.defer(async () => {
    child.stdin.end();
    await ended;
  });
  // It tells where it listens once it does.
  await Promise.race([once(child.stdout, 'data'), ended]);
  child.stdout.resume();
}

/** By its input, where nobody minds who else may read the file; without a terminal, which it would ask for a passphrase. */
async function addKey(id: string, path: string, socket: string): Promise<void> {
  const child = spawn('ssh-add', ['-q', '-'], {
    stdio: ['pipe', 'ignore', 'pipe'],
    env: { ...toolEnvironment(), SSH_AUTH_SOCK: socket, SSH_ASKPASS_REQUIRE: 'never' },
    detached: true,
  });
  child.stdin.on('error', () => undefined).end(await readFile(path));
  const closed = once(child, 'close') as Promise<[number | null]>;
  const [complaint, [code]] = await Promise.all([text(child.stderr), closed]);
  if (code === 0) return;
  throw new EngineError('INVALID_INPUT', `--ssh ${id}: ${path} cannot be used: ${complaint.trim()}`, {
    hint: 'A key with a passphrase goes into an agent first (ssh-add), which --ssh default then gives.',
  });
}
