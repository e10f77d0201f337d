import { mkdtemp, readFile, rm, stat } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { HTPASSWD, PASSWORD, USER } from '../fixtures/logins.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { runVarve } from '../fixtures/varve-cli.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';
import { startKeychain } from './support/start-keychain.ts';

// Where the window keeps a password: what lies on disk, and who can use it.
let folder: string;
let server: RegistryServer;
test.beforeAll(async () => {
  test.skip(!(await hasRegistryServer()), 'docker-registry is not installed');
  folder = await mkdtemp(join(tmpdir(), 'varve-keychain-'));
  server = await startRegistryServer(folder, { htpasswd: HTPASSWD });
});
test.afterAll(async () => {
  await server.close();
  await rm(folder, { recursive: true, force: true });
});

const CLEAR = Buffer.from(`${USER}:${PASSWORD}`).toString('base64');

async function logIn({ page }: VarveWindow): Promise<void> {
  await page.getByRole('link', { name: 'Registries' }).click();
  await page.getByRole('button', { name: 'Add registry…' }).click();
  await page.getByRole('textbox', { name: 'Registry', exact: true }).fill(server.host);
  await page.keyboard.press('Enter');
  await expect(page.getByRole('heading', { name: server.host })).toBeVisible();
  await page.getByRole('button', { name: 'Log in…' }).first().click();
  const dialog = page.getByRole('dialog', { name: `Log in to ${server.host}` });
  await dialog.getByRole('textbox', { name: 'User name' }).fill(USER);
  await dialog.getByLabel('Password').fill(PASSWORD);
  await page.keyboard.press('Enter');
  await expect(dialog).toHaveCount(0);
}

test('without a keychain the password is in a file of its owner’s only, and the window says so', async () => {
  const root = join(folder, 'plain');
  const env = { HOME: folder, DOCKER_CONFIG: join(folder, 'docker') };
  const varve = await launchVarve({ root, env, args: ['--password-store=basic'] });
  try {
    await logIn(varve);
    const state = varve.page.getByRole('region', { name: 'State' });
    await expect(state).toContainText(`${USER}, kept in ${join(root, 'auth.json')}`);
    await expect(state).toContainText(
      'It is not sealed: no keychain (GNOME Keyring, KWallet) runs in this session.',
    );
    expect(JSON.parse(await readFile(join(root, 'auth.json'), 'utf8'))).toEqual({
      auths: { [server.host]: { auth: CLEAR } },
    });
    expect((await stat(join(root, 'auth.json'))).mode & 0o777).toBe(0o600);
    expect((await runVarve(root, ['login', server.host], { env })).stdout).toBe('Login Succeeded\n');
  } finally {
    await varve.close();
  }
});

test('with a keychain only sealed bytes lie on disk, which the command line cannot open', async () => {
  const keychain = await startKeychain();
  test.skip(keychain === undefined, 'dbus-daemon and gnome-keyring are not installed');
  if (keychain === undefined) return;
  const root = join(folder, 'sealed');
  const env = { ...keychain.env, DOCKER_CONFIG: join(folder, 'docker') };
  const varve = await launchVarve({ root, env });
  try {
    await logIn(varve);
    const state = varve.page.getByRole('region', { name: 'State' });
    await expect(state).toContainText('sealed by the system’s keychain');
    await varve.page.getByRole('button', { name: 'Check connection' }).click();
    await expect(state).toContainText('Answers after');
    const kept = await readFile(join(root, 'auth.json'), 'utf8');
    expect(JSON.parse(kept)).toEqual({
      auths: { [server.host]: { username: USER, sealed: expect.any(String) as unknown } },
    });
    const opened = Buffer.from(/"sealed": "([^"]+)"/.exec(kept)?.[1] ?? '', 'base64').toString('latin1');
    expect([PASSWORD, CLEAR].filter((secret) => kept.includes(secret) || opened.includes(secret))).toEqual(
      [],
    );
    const refused = await runVarve(root, ['pull', `${server.host}/app:1`], { env });
    expect(refused.stderr).toContain(
      `the login for ${server.host} was sealed in Varve’s window, and only it can open it`,
    );
  } finally {
    await varve.close();
    await keychain.close();
  }
});
