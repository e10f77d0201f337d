import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { processesWith } from '../engine/sandbox/processes-with.ts';
import { dropFolder } from './support/drop-folder.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';
import { writeProject } from './support/write-project.ts';

const DOCKERFILE = `FROM busybox
ENV PLACE=where-it-failed
WORKDIR /srv
RUN echo "half of the work" > half && echo "cannot go on" && exit 4
`;

test.describe.serial('a RUN that fails', () => {
  let root: string;
  let project: { readonly path: string; readonly folder: string };
  let varve: VarveWindow;

  test.beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'varve-store-'));
    await buildBusyboxBase(root);
    project = await writeProject('failing', { Dockerfile: DOCKERFILE });
    varve = await launchVarve({ root });
  });

  test.afterAll(async () => {
    await varve.close();
    await rm(root, { recursive: true, force: true });
    await rm(project.folder, { recursive: true, force: true });
  });

  test('can be entered: a shell in a terminal stands where the command stood', async () => {
    const { page } = varve;
    await dropFolder(page, project.path);
    await page.getByRole('button', { name: 'Build', exact: true }).last().click();
    await expect(page.getByRole('alert')).toContainText('exit code 4');
    await page.getByRole('button', { name: 'Open shell' }).click();
    const terminal = page.getByRole('region', { name: 'Terminal' });
    await expect(terminal).toContainText('/srv #');
    await page.keyboard.type('echo "<$PLACE $(cat half)>"; sleep 7654321 &');
    await page.keyboard.press('Enter');
    await expect(terminal).toContainText('<where-it-failed half of the work>');
    expect((await processesWith('sleep 7654321')).length).toBeGreaterThan(0);
  });

  test('has the size of its pane, also when that changes', async () => {
    const { page, app } = varve;
    const terminal = page.getByRole('region', { name: 'Terminal' });
    await page.keyboard.type('SIZE=$(stty size); echo "size <$SIZE>"');
    await page.keyboard.press('Enter');
    await expect(terminal).toContainText(/size <\d+ \d+>/);
    await app.evaluate(({ BrowserWindow }) => BrowserWindow.getAllWindows()[0]?.setContentSize(1400, 700));
    await page.keyboard.type('while [ "$(stty size)" = "$SIZE" ]; do sleep 0.1; done; echo "re""sized"');
    await page.keyboard.press('Enter');
    await expect(terminal).toContainText('resized');
  });

  test('is left by a key, and closing the pane ends every process in it', async () => {
    const { page } = varve;
    await page.keyboard.press('F6');
    await expect(page.getByRole('button', { name: 'Close the terminal' })).toBeFocused();
    await page.keyboard.press('Enter');
    await expect(page.getByRole('region', { name: 'Terminal' })).toHaveCount(0);
    await expect.poll(() => processesWith('sleep 7654321')).toEqual([]);
  });

  test('says how the shell ended, and starts another', async () => {
    const { page } = varve;
    await page.getByRole('button', { name: 'Open shell' }).click();
    const terminal = page.getByRole('region', { name: 'Terminal' });
    await expect(terminal).toContainText('/srv #');
    await page.keyboard.type('ls > /only-here; exit 3');
    await page.keyboard.press('Enter');
    await expect(terminal).toContainText('The shell ended with 3.');
    await terminal.getByRole('button', { name: 'Start again' }).click();
    await expect(terminal).toContainText('/srv #');
    await page.keyboard.type('ls /only-here');
    await page.keyboard.press('Enter');
    await expect(terminal).toContainText('No such file or directory');
    await page.keyboard.press('F6');
    await page.keyboard.press('Enter');
  });

  test('leaves files that can be browsed, and no image in the list', async () => {
    const { page } = varve;
    await page.getByRole('button', { name: 'Browse files' }).click();
    await page.getByRole('treeitem', { name: /srv/ }).first().click();
    await page.keyboard.press('ArrowRight');
    await page.getByRole('treeitem', { name: /half/ }).first().click();
    await expect(page.getByRole('region', { name: 'Preview' })).toContainText('half of the work');
    expect(varve.complaints).toEqual([]);
  });
});
