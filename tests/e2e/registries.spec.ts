import { execFileSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { hasRegistryServer, startRegistryServer, type RegistryServer } from '../fixtures/registry-server.ts';
import { runVarve } from '../fixtures/varve-cli.ts';
import { startHoldingProxy } from './support/holding-proxy.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';

const HAS_REGISTRY = await hasRegistryServer();

/** What another tool says that a name stands for. */
function digestAt(name: string): string {
  const args = ['inspect', '--tls-verify=false', '--format', '{{.Digest}}', `docker://${name}`];
  return execFileSync('skopeo', args, { stdio: 'pipe' }).toString().trim();
}

/** An image at the registry that the window's store does not have. */
async function publish(folder: string, name: string): Promise<void> {
  const root = join(folder, 'other-store');
  await buildBusyboxBase(root);
  const { status, stderr } = await runVarve(root, ['push', 'busybox:latest', name]);
  if (status !== 0) throw new Error(stderr);
}

async function openRepository(page: Page, registry: string, repository: string): Promise<void> {
  await page.getByRole('link', { name: 'Registries' }).click();
  await page.getByRole('listbox', { name: 'Registries' }).getByRole('option', { name: registry }).click();
  await page.getByRole('listbox', { name: 'Repositories' }).getByRole('option', { name: repository }).click();
}

// Real Electron beside Debian's real registry, in the order in which a person goes.
test.describe.serial('registries in the window', () => {
  test.skip(!HAS_REGISTRY, 'docker-registry is not installed');

  let folder: string;
  let server: RegistryServer;
  let varve: VarveWindow;

  test.beforeAll(async () => {
    folder = await mkdtemp(join(tmpdir(), 'varve-registries-'));
    server = await startRegistryServer(folder, { deletable: true });
    await publish(folder, `${server.host}/team/tools:1`);
    varve = await launchVarve();
  });

  test.afterAll(async () => {
    await varve.close();
    await server.close();
    await rm(folder, { recursive: true, force: true });
  });

  test('a registry with a mirror is added by keyboard, and written to registries.json', async () => {
    const { page, root } = varve;
    await page.keyboard.press('Control+5');
    const list = page.getByRole('listbox', { name: 'Registries' });
    await expect(list.getByRole('option', { name: /docker\.io/ })).toHaveAttribute('aria-selected', 'true');
    await page.getByRole('button', { name: 'Add registry…' }).click();
    await page.getByRole('textbox', { name: 'Registry', exact: true }).fill(server.host);
    await page.keyboard.press('Enter');
    await expect(page.getByRole('heading', { name: server.host })).toBeVisible();
    await page.getByRole('button', { name: 'Add mirror' }).click();
    await page.keyboard.type('ftp://no');
    await expect(page.getByRole('button', { name: 'Save', exact: true })).toBeDisabled();
    await page.keyboard.press('Control+a');
    await page.keyboard.type('http://127.0.0.1:1/cache');
    await page.keyboard.press('Enter');
    await expect(list.getByRole('option', { name: server.host })).toContainText('1 mirror');
    expect(JSON.parse(await readFile(join(root, 'registries.json'), 'utf8'))).toEqual({
      registries: { [server.host]: { mirrors: ['http://127.0.0.1:1/cache'] } },
    });
  });

  test('the connection is checked: who answered, how fast, and what is wrong with the mirror', async () => {
    const { page } = varve;
    await page.getByRole('button', { name: 'Check connection' }).click();
    const state = page.getByRole('region', { name: 'State' });
    await expect(state).toContainText('Answers after');
    await expect(state).toContainText(`http://${server.host}/v2/`);
    await expect(state).toContainText('cannot reach 127.0.0.1:1: it refuses the connection');
  });

  test('a wrong file is shown with its error and not written over', async () => {
    const { page, root } = varve;
    const file = join(root, 'registries.json');
    const before = await readFile(file, 'utf8');
    const wrong = '{ "registries": { "a": ';
    await writeFile(file, wrong);
    await page.getByRole('link', { name: 'Images' }).click();
    await page.getByRole('link', { name: 'Registries' }).click();
    await expect(page.getByRole('alert')).toContainText('registries.json is not JSON');
    expect(await readFile(file, 'utf8')).toBe(wrong);
    await writeFile(file, before);
    await page.getByRole('button', { name: 'Try again' }).click();
    await expect(page.getByRole('alert')).toHaveCount(0);
  });

  test('tags of a repository are browsed with what they name', async () => {
    const { page } = varve;
    await openRepository(page, server.host, 'team/tools');
    const row = page.getByRole('grid', { name: 'Tags' }).getByRole('row', { name: /^1/ });
    await expect(row.locator('[title^="sha256:"]').first()).toHaveAttribute(
      'title',
      digestAt(`${server.host}/team/tools:1`),
    );
    await expect(row).toContainText('linux/amd64');
    await page.getByRole('searchbox', { name: 'Search tags' }).fill('nothing like it');
    await expect(row).toHaveCount(0);
    await page.keyboard.press('Escape');
    await expect(row).toBeVisible();
  });

  test('an image there shows its layers, files and configuration without being pulled', async () => {
    const { page, root } = varve;
    await page.getByRole('grid', { name: 'Tags' }).getByRole('row', { name: /^1/ }).click();
    const remote = page.getByRole('region', { name: 'Remote image' });
    await expect(remote.getByRole('option', { name: /COPY rootfs/ })).toHaveAttribute(
      'aria-selected',
      'true',
    );
    await remote.getByRole('treeitem', { name: 'etc', exact: true }).click();
    await expect(remote.getByRole('treeitem', { name: 'passwd', exact: true })).toBeVisible();
    await expect(remote).toContainText('Files, read with');
    await remote.getByRole('tab', { name: 'Configuration' }).click();
    await expect(remote.getByRole('region', { name: 'When it runs' })).toContainText('["sh"]');
    const { stdout } = await runVarve(root, ['images', '-q']);
    expect(stdout).toBe('');
  });

  test('a pull shows how far it is, is cancelled, and ends well the next time', async () => {
    const { page } = varve;
    const proxy = await startHoldingProxy(server.host);
    try {
      await page.keyboard.press('Control+k');
      await page.keyboard.type('Pull an image');
      await page.keyboard.press('Enter');
      const dialog = page.getByRole('dialog');
      const field = dialog.getByRole('combobox', { name: 'Image' });
      await field.fill(`${proxy.host}/team/tools:`);
      await dialog.getByRole('option', { name: `${proxy.host}/team/tools:1` }).click();
      await expect(dialog.getByRole('status')).toContainText(/MB|kB/);
      await field.press('Enter');
      await expect(dialog).toContainText('Pulling');
      await expect(dialog.getByRole('status')).toContainText(/ of .*B/);
      await expect(
        dialog.getByRole('list', { name: 'Layers' }).getByRole('progressbar').first(),
      ).toBeVisible();
      await dialog.getByRole('button', { name: 'Cancel the pull' }).click();
      await expect(dialog.getByRole('button', { name: 'Pull', exact: true })).toBeEnabled();
      proxy.letGo();
      await dialog.getByRole('button', { name: 'Pull', exact: true }).click();
      await expect(
        page.getByRole('status').filter({ hasText: `Pulled ${proxy.host}/team/tools:1` }),
      ).toBeVisible();
      await page.getByRole('link', { name: 'Images' }).click();
      const row = page.getByRole('grid', { name: 'Images' }).getByRole('row', { name: /team\/tools/ });
      await expect(row.locator('[title^="sha256:"]').first()).toHaveAttribute(
        'title',
        digestAt(`${server.host}/team/tools:1`),
      );
      await row.click();
    } finally {
      await proxy.close();
    }
  });

  test('a push says before what it sends and what moves, and keeps the digest', async () => {
    const { page } = varve;
    await page.getByRole('button', { name: 'Push…' }).click();
    const dialog = page.getByRole('dialog');
    const target = dialog.getByRole('combobox', { name: 'To' });
    await target.fill(`${server.host}/team/tools:2`);
    await expect(dialog.getByRole('list', { name: 'What is sent' })).toContainText('there already');
    await expect(dialog).toContainText('is new:');
    await dialog.getByRole('button', { name: 'Push', exact: true }).click();
    await expect(dialog.getByRole('status')).toContainText(`${server.host}/team/tools:2`);
    await dialog.getByRole('button', { name: 'Done' }).click();
    await page.getByRole('button', { name: 'Push…' }).click();
    await target.fill(`${server.host}/shop/tools:1`);
    await expect(dialog.getByRole('list', { name: 'What is sent' })).toContainText('taken from team/tools');
    await dialog.getByRole('button', { name: 'Push', exact: true }).click();
    const outcome = dialog.getByRole('status');
    await expect(outcome).toContainText(`${server.host}/shop/tools:1`);
    const digest = await outcome.locator('[title^="sha256:"]').first().getAttribute('title');
    expect(digest).toBe(digestAt(`${server.host}/shop/tools:1`));
    expect(digest).toBe(digestAt(`${server.host}/team/tools:1`));
    await dialog.getByRole('button', { name: 'Done' }).click();
  });

  test('a tag that cannot go alone says so; the image goes with every tag of it', async () => {
    const { page } = varve;
    await openRepository(page, server.host, 'shop/tools');
    const grid = page.getByRole('grid', { name: 'Tags' });
    await grid.getByRole('row', { name: /^1/ }).click();
    await grid.press('Delete');
    const dialog = page.getByRole('dialog');
    await expect(dialog.getByRole('list', { name: 'What goes' })).toContainText(
      `${server.host}/shop/tools:1`,
    );
    await dialog.getByRole('button', { name: 'Delete tag' }).click();
    await expect(dialog.getByRole('alert')).toContainText('deletes no tags');
    await dialog.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Delete…' }).click();
    await page.getByRole('menuitem', { name: /with every tag/ }).click();
    await dialog.getByRole('button', { name: 'Delete image' }).click();
    await expect(dialog).toHaveCount(0);
    await expect(page.getByText('No tags')).toBeVisible();
    expect(() => digestAt(`${server.host}/shop/tools:1`)).toThrow();
    expect(digestAt(`${server.host}/team/tools:1`)).toMatch(/^sha256:/);
  });

  test('the page broke none of its own rules meanwhile', () => {
    expect(varve.complaints).toEqual([]);
  });
});
