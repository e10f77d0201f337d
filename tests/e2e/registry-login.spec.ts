import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { HTPASSWD, PASSWORD, USER } from '../fixtures/logins.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';

const HAS_REGISTRY = await hasRegistryServer();

// A registry that lets nobody in without a password, from the first refusal to a push.
test.describe.serial('a registry that wants a login', () => {
  test.skip(!HAS_REGISTRY, 'docker-registry is not installed');

  let folder: string;
  let server: RegistryServer;
  let varve: VarveWindow;

  test.beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-login-'));
    server = await startRegistryServer(folder, { htpasswd: HTPASSWD });
    const root = join(folder, 'store');
    await buildBusyboxBase(root);
    varve = await launchVarve({ root, env: { HOME: folder, DOCKER_CONFIG: join(folder, 'docker') } });
  });

  test.afterAll(async () => {
    await varve.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('a refused push offers the login, which says in place that a password is wrong', async () => {
    const { page } = varve;
    await page.getByRole('link', { name: 'Images' }).click();
    await page
      .getByRole('grid', { name: 'Images' })
      .getByRole('row', { name: /busybox/ })
      .click();
    await page.getByRole('button', { name: 'Push…' }).click();
    const push = page.getByRole('dialog', { name: /^Push/ });
    await push.getByRole('combobox', { name: 'To' }).fill(`${server.host}/team/tools:1`);
    await push.getByRole('alert').getByRole('button', { name: 'Log in…' }).click();
    const login = page.getByRole('dialog', { name: `Log in to ${server.host}` });
    await login.getByRole('textbox', { name: 'User name' }).fill(USER);
    await login.getByLabel('Password').fill('something else');
    await page.keyboard.press('Enter');
    await expect(login.getByRole('alert')).toContainText(server.host);
    await login.getByLabel('Password').fill(PASSWORD);
    await page.keyboard.press('Enter');
    await expect(login).toHaveCount(0);
    await expect(push).toContainText('is new:');
    await push.getByRole('button', { name: 'Push', exact: true }).click();
    await push.getByRole('button', { name: 'Done' }).click();
  });

  test('the login is shown with its place, opens the list, and is forgotten', async () => {
    const { page } = varve;
    await page.getByRole('link', { name: 'Registries' }).click();
    const list = page.getByRole('listbox', { name: 'Registries' });
    await list.getByRole('option', { name: server.host }).click();
    const state = page.getByRole('region', { name: 'State' });
    await expect(state).toContainText(USER);
    await expect(page.getByRole('option', { name: 'team/tools' })).toBeVisible();
    await page.getByRole('button', { name: 'Check connection' }).click();
    await expect(state).toContainText('Answers after');
    await page.getByRole('button', { name: 'Log out' }).click();
    await expect(state).toContainText('nobody');
    await page.getByRole('button', { name: 'Check connection' }).click();
    await expect(state).toContainText('Answers, and wants a login');
  });

  test('the page broke none of its own rules meanwhile', () => {
    expect(varve.complaints).toEqual([]);
  });
});
