import { execFile } from 'node:child_process';
import { mkdir, readFile, stat, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { writeCredentialHelper } from '../fixtures/credential-helper.ts';
import { HTPASSWD, PASSWORD, USER } from '../fixtures/logins.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { runAtTerminal } from '../fixtures/run-at-terminal.ts';
import { startTokenServer, type TokenServer } from '../fixtures/token-server.ts';
import type { Ended } from '../fixtures/varve-cli.ts';
import { searchFor } from './support/secret-search.ts';
import { useWorkshop } from './support/use-workshop.ts';

const run = promisify(execFile);
const HAS_REGISTRY = await hasRegistryServer();
const SECRETS = searchFor([PASSWORD]);

const workshop = useWorkshop(async ({ out, write }) => {
  const context = await write('context', { Dockerfile: 'FROM scratch\nCOPY a.txt /\n', 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', context]);
  await out(['save', 'app:1', '-o', 'app.tar', '--format', 'oci']);
});

/** The command line of someone with a home and a store of their own, which says all that it can in its log. */
async function person(name: string) {
  const home = join(workshop.folder, name);
  await mkdir(home, { recursive: true });
  const env = { HOME: home, XDG_RUNTIME_DIR: join(home, 'run'), VARVE_LOG: 'debug' };
  const root = join(home, 'store');
  return {
    home,
    env: { ...env, VARVE_ROOT: root },
    authFile: join(root, 'auth.json'),
    varve: (
      args: readonly string[],
      stdin = '',
      more: Readonly<Record<string, string>> = {},
    ): Promise<Ended> => workshop.varve(args, { stdin, env: { ...env, VARVE_ROOT: root, ...more } }),
  };
}

function unencrypted(path: string): string {
  return `WARNING! Your credentials are stored unencrypted in '${path}'. Name a credential helper (credsStore in docker's config.json) to have them kept safely.\n`;
}

describe.skipIf(!HAS_REGISTRY)('a registry that asks for a name and a password', () => {
  let registry: RegistryServer;
  beforeAll(async () => {
    registry = await startRegistryServer(join(workshop.folder, 'basic'), { htpasswd: HTPASSWD });
    await copyIn(registry.host);
  });
  afterAll(() => registry.close());

  test('gives to who has logged in, until the logout; other tools can use the same file', async () => {
    const { varve, authFile } = await person('one');
    const { host } = registry;
    const refused = await varve(['pull', `${host}/app:1`]);
    expect(refused).toMatchObject({
      status: 1,
      stderr: `varve: ${host} asks for a login for app\n  Log in with: varve login ${host}\n  Or there is no such repository.\n`,
    });
    expect(await varve(['login', '-u', USER, '--password-stdin', host], `${PASSWORD}\n`)).toEqual({
      status: 0,
      stdout: 'Login Succeeded\n',
      stderr: unencrypted(authFile),
    });
    expect((await stat(authFile)).mode & 0o777).toBe(0o600);
    expect(await varve(['pull', '-q', `${host}/app:1`])).toMatchObject({ status: 0, stderr: '' });
    const tags = ['list-tags', '--tls-verify=false', '--authfile', authFile, `docker://${host}/app`];
    expect(JSON.parse((await run('skopeo', tags)).stdout)).toMatchObject({ Tags: ['1'] });
    expect(await varve(['login', host])).toEqual({
      status: 0,
      stdout: 'Login Succeeded\n',
      stderr: `Authenticating with existing credentials... [Username: ${USER}]\n`,
    });
    expect(await varve(['logout', host])).toEqual({
      status: 0,
      stdout: `Removing login credentials for ${host}\n`,
      stderr: '',
    });
    expect((await varve(['logout', host])).stdout).toBe(`Not logged in to ${host}\n`);
    expect((await varve(['pull', `${host}/app:1`])).status).toBe(1);
  });

  test('refuses a wrong password before anything is kept', async () => {
    const { varve, authFile } = await person('two');
    expect(await varve(['login', '-u', USER, '-p', 'wrong', registry.host])).toEqual({
      status: 1,
      stdout: '',
      stderr: [
        'WARNING! Using --password via the CLI is insecure. Use --password-stdin.',
        `varve: ${registry.host} does not accept the login of ${USER}: wrong user name or password`,
        '  Many registries want an access token in place of the password.\n',
      ].join('\n'),
    });
    await expect(stat(authFile)).rejects.toMatchObject({ code: 'ENOENT' });
  });

  test('is entered with what docker or Podman has, and a wrong one is named with its place', async () => {
    const { varve, home } = await person('three');
    const { host } = registry;
    const pull = () => varve(['pull', '-q', `${host}/app:1`]);
    const podman = await auths(join(home, '.config', 'containers', 'auth.json'), host, `${USER}:${PASSWORD}`);
    expect((await pull()).status).toBe(0);
    expect(await varve(['logout', host])).toEqual({
      status: 0,
      stdout: `Not logged in to ${host}\n`,
      stderr: `The login in ${podman} remains, and is used; who made it can remove it.\n`,
    });
    const docker = await auths(join(home, '.docker', 'config.json'), host, `${USER}:other`);
    expect((await pull()).stderr).toBe(
      `varve: ${host} does not accept the login of ${USER} from ${docker}\n  Log in again with: varve login ${host}\n`,
    );
    await writeFile(docker, '{"auths": {"x": {"auth": "c2VjcmV0" "y": 1}}}');
    await writeFile(podman, '{}');
    expect((await pull()).stderr).toBe(
      [
        `varve: ${host} asks for a login for app`,
        `  ${docker}:1:37: this is not JSON. Mend the file: until then no login in it is used.`,
        `  Log in with: varve login ${host}`,
        '  Or there is no such repository.\n',
      ].join('\n'),
    );
  });

  test('asks a person at a terminal, who sees the name and never the password', async () => {
    const { env } = await person('typist');
    const answers = [
      ['Username: ', `${USER}\r`],
      ['Password: ', `${PASSWORD}x\u007f\r`],
    ] as const;
    const typed = await runAtTerminal(['login', registry.host], answers, env);
    expect(typed).toMatchObject({
      status: 0,
      screen: expect.stringMatching(/Username: .*lake[^]*Password: [^]*Login Succeeded/) as string,
    });
    expect(typed.screen).not.toContain(PASSWORD.slice(0, 4));
    const left = await runAtTerminal(['login', '-u', USER, registry.host], [['Password: ', '\u0003']], env);
    expect([left.status, left.screen]).toEqual([130, expect.stringContaining('varve: cancelled')]);
  });

  test('has its login kept by the helper that docker’s configuration names, and by nothing else', async () => {
    const { varve, home, authFile } = await person('four');
    const { host } = registry;
    const helper = await writeCredentialHelper(join(workshop.folder, 'bin'), 'safe');
    await mkdir(join(home, '.docker'));
    await writeFile(join(home, '.docker', 'config.json'), JSON.stringify({ credsStore: 'safe' }));
    const path = { PATH: `${helper.folder}:${process.env['PATH']}` };
    const login = ['login', '-u', USER, '--password-stdin', host];
    expect(await varve(login, PASSWORD, path)).toEqual({
      status: 0,
      stdout: 'Login Succeeded\n',
      stderr: '',
    });
    expect((await varve(['pull', '-q', `${host}/app:1`], '', path)).status).toBe(0);
    expect(await SECRETS.files(home)).toEqual([]);
    expect((await varve(['logout', host], '', path)).stdout).toBe(`Removing login credentials for ${host}\n`);
    await expect(stat(authFile)).rejects.toMatchObject({ code: 'ENOENT' });
    expect((await helper.calls()).filter((call) => !/^(get|store|erase)$/.test(call))).toEqual([]);
  });

  test('has its password in no file but the one that keeps it, and in nothing that is printed', async () => {
    const { varve, home } = await person('five');
    const { host } = registry;
    const context = await workshop.write('from', { Dockerfile: `FROM ${host}/app:1\nLABEL a=b\n` });
    const said = [
      await varve(['login', '-u', USER, '--password-stdin', host], PASSWORD),
      await varve(['pull', `${host}/app:1`]),
      await varve(['build', '--progress', 'json', '-t', 'mine', context]),
      await varve(['login', '-u', `${USER}2`, '--password-stdin', host], PASSWORD),
    ];
    expect(said.map(({ status }) => status)).toEqual([0, 0, 0, 1]);
    expect(said.filter(({ stdout, stderr }) => SECRETS.isIn(stdout + stderr))).toEqual([]);
    expect(await SECRETS.files(home)).toEqual([join('store', 'auth.json')]);
  });
});

describe.skipIf(!HAS_REGISTRY)('a registry that asks for tokens', () => {
  let tokens: TokenServer;
  let registry: RegistryServer;
  beforeAll(async () => {
    tokens = await startTokenServer(join(workshop.folder, 'tokens'), { users: { [USER]: PASSWORD } });
    registry = await startRegistryServer(join(workshop.folder, 'bearer'), { token: tokens });
    await copyIn(registry.host, 'app', 'public/app');
  });
  afterAll(() => Promise.all([registry.close(), tokens.close()]));

  test('gives what is public to anyone, and the rest after a login that leaves no password behind', async () => {
    const { varve, home, authFile } = await person('six');
    const { host } = registry;
    expect((await varve(['pull', '-q', `${host}/public/app:1`])).status).toBe(0);
    expect(await varve(['pull', `${host}/app:1`])).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`Log in with: varve login ${host}`) as string,
    });
    expect((await varve(['login', '-u', USER, '--password-stdin', host], PASSWORD)).stderr).toBe(
      unencrypted(authFile),
    );
    expect((await varve(['pull', '-q', `${host}/app:1`])).status).toBe(0);
    expect(tokens.seen.at(-1)).toEqual({
      method: 'POST',
      as: 'refresh',
      scopes: ['repository:app:pull'],
      status: 200,
    });
    expect(await SECRETS.files(home)).toEqual([]);
    expect(JSON.parse(await readFile(authFile, 'utf8'))).toEqual({
      auths: {
        [host]: {
          auth: Buffer.from(`${USER}:`).toString('base64'),
          identitytoken: expect.any(String) as string,
        },
      },
    });
  });

  test('takes a push from who is logged in, with a token for that, and from nobody else', async () => {
    const { varve } = await person('eight');
    const { host } = registry;
    expect((await varve(['pull', '-q', `${host}/public/app:1`])).status).toBe(0);
    const push = ['push', `${host}/public/app:1`, `${host}/team/mine:1`];
    expect(await varve(push)).toMatchObject({
      status: 1,
      stderr: expect.stringContaining(`Log in with: varve login ${host}`) as string,
    });
    await varve(['login', '-u', USER, '--password-stdin', host], PASSWORD);
    const before = tokens.seen.length;
    expect((await varve(push)).status).toBe(0);
    const scopes = tokens.seen.slice(before).flatMap((request) => request.scopes);
    expect(scopes).toContain('repository:team/mine:pull,push');
    expect((await varve(['pull', '-q', `${host}/team/mine:1`])).status).toBe(0);
  });

  test('says which login its token server refuses', async () => {
    const { varve, home } = await person('seven');
    const { host } = registry;
    const docker = await auths(join(home, '.docker', 'config.json'), host, `${USER}:wrong`);
    expect((await varve(['pull', `${host}/public/app:1`])).stderr).toBe(
      `varve: ${host} does not accept the login of ${USER} from ${docker}\n  Log in again with: varve login ${host}\n`,
    );
  });
});

test.each([
  [
    ['-u', USER, '-p', 'a', '--password-stdin'],
    'conflicting options: cannot specify both --password and --password-stdin',
  ],
  [['--password-stdin'], 'the --password-stdin option requires --username to be set'],
  [['-u', '', '-p', 'a'], 'username is empty'],
  [['-u', USER, '-p', ''], 'password is empty'],
  [['-u', USER, '--password-stdin'], 'password is empty'],
  [['-u', USER], 'cannot perform an interactive login from a non TTY device'],
  [['-u', USER, '-p', 'a', 'host/with/path'], '"host/with/path" is not a registry'],
])('varve login %j is refused', async (args, why) => {
  const { varve } = await person('nobody');
  const ended = await varve(['login', ...args]);
  expect([ended.status, ended.stdout]).toEqual([1, '']);
  expect(ended.stderr).toContain(`varve: ${why}`);
});

async function copyIn(host: string, ...names: readonly string[]): Promise<void> {
  const from = `oci-archive:${join(workshop.folder, 'app.tar')}`;
  for (const name of names.length === 0 ? ['app'] : names) {
    const to = [
      '--dest-tls-verify=false',
      '--dest-creds',
      `${USER}:${PASSWORD}`,
      `docker://${host}/${name}:1`,
    ];
    await run('skopeo', ['copy', from, ...to]);
  }
}

/** Writes a file as docker and Podman write it, and answers its path. */
async function auths(path: string, host: string, login: string): Promise<string> {
  await mkdir(join(path, '..'), { recursive: true });
  const auth = Buffer.from(login).toString('base64');
  await writeFile(path, JSON.stringify({ auths: { [host]: { auth } } }));
  return path;
}
