import { rm } from 'node:fs/promises';
import { expect, test } from '@playwright/test';
import { launchVarve } from './support/launch.ts';
import { writeProject } from './support/write-project.ts';

test('a build is proved from the palette, and the first difference is named', async () => {
  const project = await writeProject('made', {
    Dockerfile: 'FROM scratch\nCOPY f /\nWORKDIR /made\n',
    f: 'f',
  });
  const varve = await launchVarve({ args: [project.path] });
  try {
    const { page } = varve;
    await expect(page.getByRole('textbox', { name: 'Dockerfile' })).toContainText('WORKDIR');
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox', { name: 'Command' }).fill('prove the build');
    await page.keyboard.press('Enter');
    const dialog = page.getByRole('dialog', { name: 'Prove the build' });
    await expect(dialog.getByText('Line 3: WORKDIR /made')).toBeVisible();
    await expect(dialog.getByText('layer 2, /made: mtime')).toBeVisible();
    await dialog.getByRole('button', { name: 'Close' }).click();
    await page.getByRole('checkbox', { name: 'Reproducible' }).check();
    await page.keyboard.press('ControlOrMeta+k');
    await page.getByRole('combobox', { name: 'Command' }).fill('prove the build');
    await page.keyboard.press('Enter');
    await expect(dialog.getByText('Both builds gave')).toBeVisible();
  } finally {
    await varve.close();
    await rm(project.folder, { recursive: true, force: true });
  }
});
