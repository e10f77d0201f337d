import { execFileSync, spawnSync } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { runVarve } from '../fixtures/varve-cli.ts';
import { dropFolder } from './support/drop-folder.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';
import { writeProject } from './support/write-project.ts';

const DOCKERFILE = `FROM busybox:latest AS shop
ARG GREETING=hello
COPY app /srv/app
RUN printf '\\033[32mpreparing\\033[0m the shop\\n' && echo "$GREETING" > /srv/greeting && rm /etc/group
CMD ["sh", "/srv/app/start.sh"]
`;

function hasSkopeo(): boolean {
  return spawnSync('skopeo', ['--version']).status === 0;
}

// The main job, end to end: one window, one store, in the order in which a person goes.
test.describe.serial('from a dropped folder to an image you can see through', () => {
  let root: string;
  let project: { readonly path: string; readonly folder: string };
  let varve: VarveWindow;

  test.beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'varve-store-'));
    await buildBusyboxBase(root);
    project = await writeProject('shop', {
      Dockerfile: DOCKERFILE,
      '.dockerignore': 'notes\n',
      'app/start.sh': 'echo open\n',
      'notes/todo.txt': 'not for the image\n',
    });
    varve = await launchVarve({ root });
  });

  test.afterAll(async () => {
    await varve.close();
    await rm(root, { recursive: true, force: true });
    await rm(project.folder, { recursive: true, force: true });
  });

  test('a file that is no folder is refused with one clear message', async () => {
    await dropFolder(varve.page, join(project.path, 'Dockerfile'));
    await expect(varve.page.getByRole('alert')).toContainText('Dockerfile is not a folder');
    await expect(varve.page.getByRole('textbox', { name: 'Dockerfile' })).toHaveCount(0);
  });

  test('a dropped folder opens with its Dockerfile and what a build would see of it', async () => {
    const { page } = varve;
    await dropFolder(page, project.path);
    await expect(page.getByRole('textbox', { name: 'Dockerfile' })).toContainText(
      'FROM busybox:latest AS shop',
    );
    const context = page.getByRole('region', { name: 'Context' });
    await expect(context).toContainText('left out by .dockerignore');
    await expect(page.getByRole('textbox', { name: 'Tag' })).toHaveValue('shop:latest');
    await expect(page.getByRole('alert')).toHaveCount(0);
  });

  test('mistakes are underlined and edits are saved to disk', async () => {
    const { page } = varve;
    const editor = page.getByRole('textbox', { name: 'Dockerfile' });
    await editor.click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('BUIDL now');
    await expect(page.getByRole('button', { name: /1 error/ })).toBeVisible();
    await expect(page.locator('.cm-problem.error')).toHaveCount(1);
    for (let i = 0; i < 'BUIDL now'.length; i++) await page.keyboard.press('Backspace');
    await page.keyboard.type('LABEL saved=yes');
    await expect(page.locator('.cm-change')).toHaveCount(1);
    await page.keyboard.press('Control+s');
    await expect(page.getByRole('button', { name: 'Save' })).toBeDisabled();
    await expect
      .poll(() => readFile(join(project.path, 'Dockerfile'), 'utf8'))
      .toBe(`${DOCKERFILE}LABEL saved=yes`);
    await expect(page.getByRole('button', { name: /error/ })).toHaveCount(0);
  });

  test('a build shows each instruction, its output in colour, and the digest', async () => {
    const { page } = varve;
    await page.getByRole('textbox', { name: 'GREETING' }).fill('good morning');
    await page.getByRole('button', { name: 'Build', exact: true }).click();
    const result = page.getByRole('status', { name: 'Result' });
    await expect(result).toContainText('Built', { timeout: 60_000 });
    const log = page.getByRole('region', { name: 'Build log' });
    await expect(log).toContainText('COPY app /srv/app');
    await expect(log.getByText('preparing', { exact: true })).toHaveCSS('color', /rgb/);
    await expect(log).toContainText('the shop');
  });

  test('the same digest is in the list and on the command line', async () => {
    const { page } = varve;
    await page.getByRole('link', { name: 'Images' }).click();
    const row = page.getByRole('grid', { name: 'Images' }).getByRole('row', { name: /shop/ });
    await row.click();
    const digest = await row.locator('[title^="sha256:"]').first().getAttribute('title');
    const { stdout } = await runVarve(root, ['images', '--digests', '--format', 'json', 'shop']);
    expect(JSON.parse(stdout)).toMatchObject({ Repository: 'shop', Tag: 'latest', Digest: digest });
  });

  test('another tool shows the same digest for the saved archive', async () => {
    test.skip(!hasSkopeo(), 'skopeo is not installed');
    const { page } = varve;
    const row = page.getByRole('grid', { name: 'Images' }).getByRole('row', { name: /shop/ });
    const digest = await row.locator('[title^="sha256:"]').first().getAttribute('title');
    const archive = join(project.folder, 'shop.tar');
    expect((await runVarve(root, ['save', 'shop', '-o', archive, '--format', 'oci'])).status).toBe(0);
    const seen = execFileSync('skopeo', ['inspect', '--format', '{{.Digest}}', `oci-archive:${archive}`]);
    expect(String(seen).trim()).toBe(digest);
  });

  test('a layer shows what RUN changed, and a file what is in it', async () => {
    const { page } = varve;
    await page.getByRole('button', { name: 'Show layers' }).click();
    const layers = page.getByRole('listbox', { name: 'Layers' });
    await expect(layers.getByRole('option')).toHaveCount(3);
    const layer = layers.getByRole('option', { name: /RUN printf/ });
    await layers.getByRole('option', { name: /COPY app/ }).click();
    await layer.click();
    await expect(layer).toHaveAttribute('aria-selected', 'true');
    await expect(page.getByRole('region', { name: 'Chosen layer' })).toContainText('rm /etc/group');
    const tree = page.getByRole('tree', { name: 'Layer files' });
    await tree.getByRole('treeitem', { name: 'etc, modified' }).click();
    await expect(tree.getByRole('treeitem', { name: 'group, removed' })).toBeVisible();
    await tree.getByRole('treeitem', { name: /^srv/ }).click();
    await tree.getByRole('treeitem', { name: 'greeting, added' }).click();
    await expect(page.getByRole('region', { name: 'Preview' })).toContainText('good morning');
  });

  test('the whole image is searched, and its configuration readable', async () => {
    const { page } = varve;
    await page.getByText('Whole image').click();
    await page.getByRole('searchbox', { name: 'Search files' }).fill('start.sh');
    await page.getByRole('treeitem', { name: 'start.sh' }).click();
    await expect(page.getByRole('region', { name: 'Preview' })).toContainText('echo open');
    await page.getByRole('tab', { name: 'Configuration' }).click();
    await expect(page.getByRole('region', { name: 'When it runs' })).toContainText(
      '["sh","/srv/app/start.sh"]',
    );
    await page.getByRole('tab', { name: 'Inspect' }).click();
    await expect(page.getByRole('tabpanel')).toContainText('RepoTags');
  });

  test('a tag is moved to another image and back', async () => {
    const { page } = varve;
    await page.getByRole('link', { name: 'Images' }).click();
    const grid = page.getByRole('grid', { name: 'Images' });
    await grid.getByRole('row', { name: /busybox/ }).click();
    await page.getByRole('button', { name: 'Tag…' }).click();
    await page.getByRole('textbox', { name: 'New name' }).fill('shop:latest');
    await page.getByRole('dialog').getByRole('button', { name: 'Move tag' }).click();
    await expect(page.getByRole('dialog')).toHaveCount(0);
    const digests = () =>
      grid
        .getByRole('row', { name: /shop|busybox/ })
        .evaluateAll(
          (rows) =>
            new Set(rows.map((row) => row.querySelector('[title^="sha256:"]')?.getAttribute('title'))).size,
        );
    await expect.poll(digests).toBe(1);
    await page.getByRole('button', { name: 'Undo' }).click();
    await expect.poll(digests).toBe(2);
    await expect(page.getByRole('status').filter({ hasText: 'Undone' })).toBeVisible();
  });

  test('what the command line does shows within a second', async () => {
    const { page } = varve;
    await runVarve(root, ['tag', 'shop:latest', 'shop:from-the-terminal']);
    await expect(page.getByRole('grid').getByRole('row', { name: /from-the-terminal/ })).toBeVisible({
      timeout: 2000,
    });
  });

  test('a failing RUN says its exit code and where, and moves no tag', async () => {
    const { page } = varve;
    await writeFile(join(project.path, 'Dockerfile'), 'FROM busybox\nRUN echo about to fail && exit 7\n');
    await dropFolder(page, project.path);
    await expect(page.getByRole('textbox', { name: 'Dockerfile' })).toContainText('exit 7');
    const tags = async () =>
      (await runVarve(root, ['images', '--digests', '--format', '{{.Repository}}:{{.Tag}} {{.Digest}}']))
        .stdout;
    const before = await tags();
    await page.keyboard.press('Control+b');
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('7', { timeout: 60_000 });
    await alert.getByRole('button', { name: 'Dockerfile:2' }).click();
    await expect(page.getByRole('textbox', { name: 'Dockerfile' })).toBeFocused();
    expect(before).toContain('shop:latest sha256:');
    expect(await tags()).toBe(before);
  });

  test('the page broke none of its own rules meanwhile', () => {
    expect(varve.complaints).toEqual([]);
  });
});
