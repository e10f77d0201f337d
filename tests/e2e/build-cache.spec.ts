import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { runVarve } from '../fixtures/varve-cli.ts';
import { launchVarve } from './support/launch.ts';
import { writeProject } from './support/write-project.ts';

test('the build cache is listed and removed; the image stays', async () => {
  const root = await mkdtemp(join(tmpdir(), 'varve-cache-'));
  const Dockerfile = 'FROM scratch AS tools\nCOPY a b /x/\nFROM scratch\nCOPY --from=tools /x/a /a\n';
  const project = await writeProject('tools', { Dockerfile, a: 'a', b: 'b' });
  expect((await runVarve(root, ['build', '-t', 'tools:1', project.path])).status).toBe(0);
  const varve = await launchVarve({ root });
  try {
    const { page } = varve;
    await page.getByRole('link', { name: 'Settings' }).click();
    await page.getByRole('radio', { name: 'Build cache' }).check({ force: true });
    const grid = page.getByRole('grid', { name: 'Build cache' });
    await expect(grid.getByRole('row', { name: /COPY --from=tools/ })).toContainText('tools:1');
    await grid.focus();
    await page.keyboard.press('ControlOrMeta+a');
    await page.getByRole('button', { name: /^Remove 2, free / }).click();
    await expect(page.getByText(/^Removed 2 entries, freed /)).toBeVisible();
    await expect(page.getByText('The build cache is empty')).toBeVisible();
    expect((await runVarve(root, ['cat', 'tools:1', '/a'])).stdout).toBe('a');
  } finally {
    await varve.close();
    await rm(root, { recursive: true, force: true });
    await rm(project.folder, { recursive: true, force: true });
  }
});
