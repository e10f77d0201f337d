import { rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { dropFolder } from './support/drop-folder.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';
import { writeProject } from './support/write-project.ts';

const DOCKERFILE =
  'FROM scratch\nARG EDITION=1\nCOPY config /config\nCOPY src /src\nLABEL edition=$EDITION\n';

test.describe.serial('what a build will do, and why it did it', () => {
  let project: { readonly path: string; readonly folder: string };
  let varve: VarveWindow;

  test.beforeAll(async () => {
    project = await writeProject('lakes', {
      Dockerfile: DOCKERFILE,
      'config/site.json': '{}\n',
      'src/main.js': 'one\n',
    });
    varve = await launchVarve();
    await dropFolder(varve.page, project.path);
  });

  test.afterAll(async () => {
    await varve.close();
    await rm(project.folder, { recursive: true, force: true });
  });

  test('nothing was built: all will run', async () => {
    await expect(varve.page.getByRole('note', { name: /^Forecast/ })).toHaveText('2 will run');
    await expect(varve.page.locator('.cm-forecast.run')).toHaveCount(2);
  });

  test('after a build all is in the cache', async () => {
    const { page } = varve;
    await page.getByRole('button', { name: 'Build', exact: true }).click();
    await page.getByRole('button', { name: 'Show layers' }).waitFor();
    await expect(page.getByRole('note', { name: /^Forecast/ })).toHaveText('2 from the cache');
    await expect(page.locator('.cm-forecast.cached')).toHaveCount(2);
  });

  test('a file that is edited on disk is named before the build', async () => {
    const { page } = varve;
    await writeFile(join(project.path, 'src/main.js'), 'two\n');
    await expect(page.getByRole('note', { name: /^Forecast/ })).toHaveText(/^1 from the cache, 1 will run/);
    const card = page.getByRole('region', { name: 'Forecast' });
    await page.locator('.cm-forecast.run').hover();
    await expect(card).toContainText(/Will run.*src\/main\.js changed/);
    await page.getByRole('button', { name: 'Build', exact: true }).hover();
    await expect(card).toHaveCount(0);
    await page.getByRole('textbox', { name: 'Dockerfile' }).getByText('COPY').last().click();
    await page.keyboard.press('Control+i');
    await expect(page.getByRole('region', { name: 'Explanation' })).toContainText('src/main.js changed');
    await page.keyboard.press('Escape');
    await page.getByRole('tab', { name: 'Outline' }).click();
    await expect(page.getByRole('button', { name: /COPY .*Will run: src\/main\.js changed/ })).toBeVisible();
  });

  test('and after it, with what it was and is', async () => {
    const { page } = varve;
    await page.getByRole('button', { name: 'Build', exact: true }).click();
    const why = page.getByRole('button', { name: /Why it ran: src\/main\.js changed/ });
    await why.click();
    await expect(why).toHaveAttribute('aria-expanded', 'true');
    const log = page.getByRole('log', { name: 'Build log' });
    await expect(log).toContainText(/src\/main\.js\s*2c8b08da5ce60398 \(4 B\).*27dd8ed44a83ff94 \(4 B\)/);
    await expect(page.getByRole('note', { name: /^Forecast/ })).toHaveText('2 from the cache');
  });

  test('what another program writes into the Dockerfile is in the editor, and is what is built', async () => {
    const { page } = varve;
    await writeFile(join(project.path, 'Dockerfile'), DOCKERFILE.replace('/src\n', '/source\n'));
    await expect(page.getByRole('textbox', { name: 'Dockerfile' })).toContainText('COPY src /source');
    await expect(page.getByRole('note', { name: /^Forecast/ })).toHaveText(/^1 from the cache, 1 will run/);
    await page.getByRole('button', { name: 'Build', exact: true }).click();
    await expect(page.getByRole('log', { name: 'Build log' })).toContainText('COPY src /source');
    await expect(page.getByRole('note', { name: /^Forecast/ })).toHaveText('2 from the cache');
  });

  test('an instruction that is typed changes the forecast', async () => {
    const { page } = varve;
    await page.getByRole('textbox', { name: 'Dockerfile' }).click();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('COPY config /more');
    await expect(page.getByRole('note', { name: /^Forecast/ })).toHaveText('2 from the cache, 1 will run');
    expect(varve.complaints).toEqual([]);
  });
});
