import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

/** A session bus with an unlocked GNOME Keyring on it, for who is started in `env`. */
export interface KeychainSession {
  readonly env: Readonly<Record<string, string>>;
  close(): Promise<void>;
}

/** Undefined where one of the two programs is not installed. */
export async function startKeychain(): Promise<KeychainSession | undefined> {
  const home = await mkdtemp(join(tmpdir(), 'varve-keychain-'));
  const runtime = join(home, 'run');
  await mkdir(runtime, { mode: 0o700 });
  const env = { HOME: home, XDG_RUNTIME_DIR: runtime };
  const bus = spawn('dbus-daemon', ['--session', '--nofork', '--print-address'], {
    env: { ...process.env, ...env },
    stdio: ['ignore', 'pipe', 'ignore'],
  });
  // The keyring goes into the background when it is ready, and ends with its bus.
  const close = async (): Promise<void> => {
    bus.kill('SIGKILL');
    await rm(home, { recursive: true, force: true });
  };
  const address = await firstLine(bus);
  const session = { ...env, DBUS_SESSION_BUS_ADDRESS: address ?? '' };
  if (address !== undefined && (await isUnlocked(session))) return { env: session, close };
  await close();
  return undefined;
}

async function firstLine(child: ChildProcess): Promise<string | undefined> {
  if (child.stdout === null) return undefined;
  const line = once(createInterface(child.stdout), 'line').then(([text]) => String(text));
  const gone = once(child, 'exit').then(
    () => undefined,
    () => undefined,
  );
  return Promise.race([line, gone]);
}

async function isUnlocked(env: Readonly<Record<string, string>>): Promise<boolean> {
  const keyring = spawn('gnome-keyring-daemon', ['--unlock', '--components=secrets'], {
    env: { ...process.env, ...env },
    stdio: ['pipe', 'ignore', 'ignore'],
  });
  keyring.stdin.on('error', () => {});
  keyring.stdin.end('a password');
  return once(keyring, 'exit').then(
    ([status]) => status === 0,
    () => false,
  );
}
