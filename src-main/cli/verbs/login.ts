import { Command } from 'commander';
import type { EngineApi } from '../../contract/engine-api.ts';
import { EngineError, isEngineError } from '../../contract/errors.ts';
import { ask } from '../ask.ts';
import type { Cli } from '../cli.ts';
import { readStdinText, refuseTerminalInput } from '../read-stdin.ts';

interface Options {
  readonly username?: string;
  readonly password?: string;
  readonly passwordStdin?: true;
}

const EXAMPLES = `
Examples:
  varve login                                                 docker.io
  varve login -u me ghcr.io                                   asks for the password
  varve login -u me --password-stdin ghcr.io < token-file

The login is proved at the registry before it is kept: in the credential helper that ~/.docker/config.json names
(credsStore, credHelpers), else in auth.json in the data folder. What docker, Podman and Varve's window have kept
counts too: docker's config.json and Podman's auth.json are read. What the window sealed in the system's keychain,
only the window can open.`;

const PASSWORD_LIMIT_BYTES = 64 * 1024;

export function loginCommand(cli: Cli): Command {
  return new Command('login')
    .description('Logs in to a registry, docker.io when none is named.')
    .argument('[registry]', 'the registry, host or host:port', 'docker.io')
    .option('-u, --username <name>', 'the user name')
    .option('-p, --password <password>', 'the password or access token; others on this machine can see it')
    .option('--password-stdin', 'read the password or access token from standard input')
    .addHelpText('after', EXAMPLES)
    .action((registry: string, options: Options) => login(cli, registry, options));
}

async function login(cli: Cli, registry: string, options: Options): Promise<void> {
  checkOptions(cli, options);
  await cli.withEngine(async (api) => {
    if (await isLoggedIn(cli, api, registry, options)) return;
    const { username, password } = await readLogin(cli, options);
    const { kept } = await api.registries.login({ registry, username, password }, { signal: cli.signal });
    if (kept.kind === 'file') {
      cli.stderr.line(
        `WARNING! Your credentials are stored unencrypted in '${kept.place}'. Name a credential helper (credsStore in docker's config.json) to have them kept safely.`,
      );
    }
    cli.stdout.line('Login Succeeded');
  });
}

function checkOptions(cli: Cli, { username, password, passwordStdin }: Options): void {
  if (password !== undefined) {
    cli.stderr.line('WARNING! Using --password via the CLI is insecure. Use --password-stdin.');
  }
  if (password !== undefined && passwordStdin) {
    throw new EngineError(
      'INVALID_INPUT',
      'conflicting options: cannot specify both --password and --password-stdin',
    );
  }
  if (passwordStdin && !username) {
    throw new EngineError('INVALID_INPUT', 'the --password-stdin option requires --username to be set');
  }
  if (username === '') throw new EngineError('INVALID_INPUT', 'username is empty');
  if (password === '') throw new EngineError('INVALID_INPUT', 'password is empty');
  if (passwordStdin) refuseTerminalInput(cli, 'Pipe the password into it, or leave --password-stdin away.');
}

/** Who says nothing of who they are is asked only when the login that is there does not do, as with docker. */
async function isLoggedIn(cli: Cli, api: EngineApi, registry: string, options: Options): Promise<boolean> {
  if (options.username !== undefined || options.password !== undefined) return false;
  try {
    const there = await api.registries.login({ registry }, { signal: cli.signal });
    const who = there.username === '' ? '' : ` [Username: ${there.username}]`;
    cli.stderr.line(`Authenticating with existing credentials...${who}`);
    cli.stdout.line('Login Succeeded');
    return true;
  } catch (error) {
    if (isEngineError(error, 'UNAUTHORIZED')) cli.stderr.line(`${error.message}`);
    else if (!isEngineError(error, 'NOT_FOUND')) throw error;
    return false;
  }
}

async function readLogin(
  cli: Cli,
  { username, password, passwordStdin }: Options,
): Promise<{ readonly username: string; readonly password: string }> {
  if (username !== undefined && password !== undefined) return { username, password };
  if (username !== undefined && passwordStdin) {
    // Only the line's end is no part of it, as docker reads it.
    const text = (await readStdinText(cli, PASSWORD_LIMIT_BYTES)).replace(/\r?\n$/, '');
    return { username, password: notEmpty(text, 'password') };
  }
  if (!cli.stdin.isTTY) {
    throw new EngineError('INVALID_INPUT', 'cannot perform an interactive login from a non TTY device', {
      hint: 'Name the user with -u, and pipe the password in with --password-stdin.',
    });
  }
  const name = username ?? (await ask(cli, 'Username: ')).trim();
  notEmpty(name, 'username');
  return {
    username: name,
    password: password ?? notEmpty(await ask(cli, 'Password: ', { hidden: true }), 'password'),
  };
}

function notEmpty(text: string, what: string): string {
  if (text !== '') return text;
  throw new EngineError('INVALID_INPUT', `${what} is empty`);
}
