import { spawn } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Page } from '@playwright/test';
import type { DesktopApi } from '../../src-main/contract/desktop-api.ts';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { runVarve, VARVE, VARVE_SOURCE } from '../fixtures/varve-cli.ts';
import { dropFolder } from './support/drop-folder.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';
import { writeProject } from './support/write-project.ts';

const DOCKERFILE = `FROM busybox:latest AS kernels
ARG KIND=walnut
RUN echo "cracking $KIND" && mkdir /out && echo "$KIND" > /out/kind

FROM busybox:latest AS shells
RUN echo "sweeping shells"

FROM busybox:latest
COPY --from=kernels /out /srv
COPY menu.txt /srv/
`;

// Builds from the window and from the command line on one store, in the order in which a person goes.
test.describe.serial('the builds that ran', () => {
  let root: string;
  let project: { readonly path: string; readonly folder: string };
  let varve: VarveWindow;

  test.beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'varve-store-'));
    await buildBusyboxBase(root);
    project = await writeProject('nuts', { Dockerfile: DOCKERFILE, 'menu.txt': 'nuts\n' });
    varve = await launchVarve({ root });
  });

  test.afterAll(async () => {
    await varve.close();
    await rm(root, { recursive: true, force: true });
    await rm(project.folder, { recursive: true, force: true });
  });

  test('one from the window and one from the command line are both listed', async () => {
    const { page } = varve;
    await dropFolder(page, project.path);
    await page.getByRole('textbox', { name: 'KIND' }).fill('pecan');
    await page.getByRole('button', { name: 'Build', exact: true }).click();
    await expect(page.getByRole('status', { name: 'Result' })).toContainText('Built', { timeout: 60_000 });
    await page.keyboard.press('Control+4');
    await expect(builds(page).getByRole('option', { name: /nuts:latest/ })).toHaveCount(1);
    await runVarve(root, ['build', '-t', 'nuts:cli', project.path]);
    const option = builds(page).getByRole('option', { name: /nuts:cli/ });
    await expect(option).toBeVisible({ timeout: 2000 });
    await expect(option).toContainText('cached');
  });

  test('a search finds what was printed', async () => {
    const { page } = varve;
    await page.getByRole('searchbox', { name: 'Search builds' }).fill('cracking pecan');
    await expect(builds(page).getByRole('option')).toHaveCount(1);
    await expect(builds(page).getByRole('option')).toContainText('nuts:latest');
    await page.getByRole('button', { name: 'Clear the search' }).click();
    await expect(builds(page).getByRole('option', { name: /nuts:/ })).toHaveCount(2);
  });

  test('the timeline shows each step, and the stages what they need', async () => {
    const { page } = varve;
    await builds(page)
      .getByRole('option', { name: /nuts:latest/ })
      .click();
    const timeline = page.getByRole('region', { name: 'Timeline' });
    const step = timeline.getByRole('button', { name: /^RUN echo "cracking/ });
    await expect(step).toHaveAccessibleName(/ran, .* from .* to .*/);
    await step.focus();
    await page.keyboard.press('End');
    await expect(timeline.getByRole('status')).toContainText('Write the image');
    const stages = page.getByRole('region', { name: 'Stages' });
    await expect(
      stages.getByRole('button', { name: /stage 2, .*copies from kernels, the target/ }),
    ).toBeVisible();
    await expect(stages.getByRole('button', { name: /shells, .*not needed by the target/ })).toBeVisible();
    await expect(page.getByRole('region', { name: 'Chosen build' })).toContainText('ARG KIND');
  });

  test('a bar leads to the log of its step, and a stage to its line', async () => {
    const { page } = varve;
    await page
      .getByRole('region', { name: 'Timeline' })
      .getByRole('button', { name: /^RUN echo/ })
      .click();
    const log = page.getByRole('region', { name: 'Build log' }).filter({ visible: true });
    await expect(log).toContainText('cracking pecan');
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page
      .getByRole('region', { name: 'Stages' })
      .getByRole('button', { name: /^shells/ })
      .click();
    await expect(page.getByRole('region', { name: 'The Dockerfile as it was' })).toContainText(
      'sweeping shells',
    );
  });

  test('two builds are compared', async () => {
    const { page } = varve;
    await builds(page)
      .getByRole('option', { name: /nuts:cli/ })
      .click();
    await page.getByRole('button', { name: 'Compare with' }).click();
    await page.getByRole('menuitem', { name: /nuts:latest/ }).click();
    const inputs = page.getByRole('table', { name: 'Inputs' });
    await expect(inputs.getByRole('row', { name: /Argument KIND pecan not given/ })).toBeVisible();
    await expect(page.getByRole('table', { name: 'Steps' })).toContainText('COPY --from=kernels /out /srv');
    const files = page.getByRole('list', { name: 'Files that differ' });
    await expect(files.getByRole('listitem').filter({ hasText: '/srv/kind' })).toContainText('modified');
  });

  test('a build that runs on the command line is followed live', async () => {
    const { page } = varve;
    const slow = await writeProject('slow', {
      Dockerfile: 'FROM busybox:latest\nRUN echo first words; sleep 300\n',
    });
    const running = spawn(VARVE, ['build', '-t', 'slow:1', slow.path], {
      env: { ...process.env, ...VARVE_SOURCE, VARVE_ROOT: root },
      stdio: 'ignore',
    });
    await builds(page)
      .getByRole('option', { name: /slow:1/ })
      .click();
    await expect(builds(page).getByRole('option', { name: /Running.*slow:1/ })).toBeVisible();
    await page.getByRole('tab', { name: 'Log' }).click();
    const log = page.getByRole('region', { name: 'Build log' }).filter({ visible: true });
    await expect(log).toContainText('first words', { timeout: 30_000 });
    running.kill('SIGKILL');
    await expect(builds(page).getByRole('option', { name: /Interrupted.*slow:1/ })).toBeVisible();
    await rm(slow.folder, { recursive: true, force: true });
  });

  test('a build is exported, and opened in another store', async () => {
    const { page, app } = varve;
    const file = join(project.folder, 'nuts.varvebuild');
    await builds(page)
      .getByRole('option', { name: /nuts:latest/ })
      .click();
    await app.evaluate(({ dialog }, filePath) => {
      dialog.showSaveDialog = () => Promise.resolve({ canceled: false, filePath });
    }, file);
    await page.getByRole('button', { name: 'Export…' }).click();
    await expect(page.getByText('Exported the build')).toBeVisible();
    expect((await readFile(file)).subarray(0, 2)).toEqual(Buffer.from([0x1f, 0x8b]));
    const other = await launchVarve();
    await dropFolder(other.page, file);
    const option = builds(other.page).getByRole('option', { name: /nuts:latest/ });
    await expect(option).toContainText('imported');
    await expect(other.page.getByRole('region', { name: 'Timeline' })).toContainText('RUN echo');
    await writeFile(join(project.folder, 'bad.varvebuild'), 'no build');
    await dropFolder(other.page, join(project.folder, 'bad.varvebuild'));
    await expect(other.page.getByText('bad.varvebuild is no exported build')).toBeVisible();
    await other.close();
  });

  test('a build is run again with the same inputs, with the Dockerfile as it was', async () => {
    const { page } = varve;
    await writeFile(join(project.path, 'Dockerfile'), DOCKERFILE.replace('cracking', 'roasting'));
    await page.getByRole('button', { name: 'Rebuild' }).click();
    await page.getByRole('dialog').getByRole('button', { name: 'As it was' }).click();
    await expect(page.getByRole('status', { name: 'Result' })).toContainText('0 run', { timeout: 60_000 });
    await expect(page.getByRole('textbox', { name: 'KIND' })).toHaveValue('pecan');
    await expect(page.getByRole('textbox', { name: 'Dockerfile' })).toContainText('cracking');
    expect(await readFile(join(project.path, 'Dockerfile'), 'utf8')).toContain('roasting');
  });

  test('the line on which a build of the command line failed is opened in the editor', async () => {
    const { page } = varve;
    const broken = await writeProject('broken', {
      Dockerfile: 'FROM busybox:latest\nRUN echo out of nuts && exit 4\n',
    });
    await runVarve(root, ['build', '-t', 'broken:1', broken.path]);
    await page.keyboard.press('Control+4');
    await builds(page)
      .getByRole('option', { name: /broken:1/ })
      .click();
    await page.getByRole('tab', { name: 'Overview' }).click();
    await page.getByRole('button', { name: 'Browse files' }).click();
    await expect(page.getByRole('listbox', { name: 'Layers' }).getByRole('option').first()).toBeVisible();
    await page.keyboard.press('Control+4');
    await page.getByRole('button', { name: 'Open shell' }).click();
    await expect(page.getByRole('region', { name: 'Terminal' })).toContainText('/ #');
    await page.keyboard.press('F6');
    await page.keyboard.press('Enter');
    await page.getByRole('button', { name: 'Dockerfile:2:5' }).click();
    const editor = page.getByRole('textbox', { name: 'Dockerfile' });
    await expect(editor).toContainText('out of nuts');
    await expect(editor).toBeFocused();
    await rm(broken.folder, { recursive: true, force: true });
  });

  test('a long build that ended in the background is told of, and a click leads to it', async () => {
    const { page, app } = varve;
    await page.keyboard.press('Control+1');
    await app.evaluate(({ BrowserWindow, Notification }) => {
      const told = globalThis as unknown as { told?: unknown };
      Notification.isSupported = () => true;
      Notification.prototype.show = function () {
        told.told = this;
      };
      const window = BrowserWindow.getAllWindows()[0];
      if (window !== undefined) window.isFocused = () => false;
    });
    const { stdout } = await runVarve(root, ['builds', 'ls', '-q', '--search', 'cracking pecan', '-n', '1']);
    const news = { title: 'nuts:latest is built', body: 'In 12 s <b>', build: stdout.trim() };
    await page.evaluate((what) => globalThis.varveDesktop.tellOfBuild(what), news);
    const seen = await app.evaluate(() => {
      const { told } = globalThis as unknown as {
        told?: { title: string; body: string; emit(name: string): void };
      };
      told?.emit('click');
      return { title: told?.title, body: told?.body };
    });
    expect(seen).toEqual({ title: 'nuts:latest is built', body: 'In 12 s ‹b›' });
    await expect(page.getByRole('region', { name: 'Chosen build' })).toContainText('nuts:latest');
    expect(await page.evaluate(() => Notification.permission)).toBe('denied');
  });

  test('the page broke none of its own rules meanwhile', () => {
    expect(varve.complaints).toEqual([]);
  });
});

declare global {
  var varveDesktop: DesktopApi;
}

function builds(page: Page) {
  return page.getByRole('listbox', { name: 'Builds' });
}
