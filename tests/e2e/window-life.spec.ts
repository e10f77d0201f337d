import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test } from '@playwright/test';
import { launchVarve } from './support/launch.ts';
import type { VarveWindow } from './support/launch.ts';

let work: string;
let project: string;

test.beforeEach(async () => {
  work = await mkdtemp(join(tmpdir(), 'varve-life-'));
  project = join(work, 'harbour');
  await mkdir(project);
  await writeFile(join(project, 'Dockerfile'), 'FROM scratch\nCOPY . /\n');
});
test.afterEach(() => rm(work, { recursive: true, force: true }));

test('a folder given at the start opens as the build context', async () => {
  const varve = await launchVarve({ args: [project] });
  try {
    await expect(varve.page.getByRole('textbox', { name: 'Dockerfile' })).toContainText('FROM scratch');
    await expect(varve.page.getByText('harbour').first()).toBeVisible();
  } finally {
    await varve.close();
  }
});

test('an engine that dies is started again and the window goes on', async () => {
  const varve = await launchVarve();
  try {
    await expect(varve.page.getByText('Engine ready')).toBeVisible();
    const before = await enginePid(varve);
    process.kill(before, 'SIGKILL');
    await expect.poll(() => enginePid(varve).catch(() => before)).not.toBe(before);
    await expect(varve.page.getByText('Engine ready')).toBeVisible();
    await varve.app.evaluate(({ BrowserWindow }, folder) => {
      BrowserWindow.getAllWindows()[0]?.webContents.send('varve:command', `open-folder:${folder}`);
    }, project);
    await expect(varve.page.getByText('1 file', { exact: true })).toBeVisible();
  } finally {
    await varve.close();
  }
});

test('the menu’s commands reach the page', async () => {
  const varve = await launchVarve();
  try {
    await varve.app.evaluate(({ Menu }) => Menu.getApplicationMenu()?.getMenuItemById('screen-2')?.click());
    await expect(varve.page.getByRole('link', { name: 'Images' })).toHaveAttribute('aria-current', 'page');
  } finally {
    await varve.close();
  }
});

async function enginePid(varve: VarveWindow): Promise<number> {
  const pid = await varve.app.evaluate(
    ({ app }) =>
      app
        .getAppMetrics()
        .find(
          (each) =>
            (each.serviceName ?? each.name) === 'node.mojom.NodeService' || each.name === 'Varve engine',
        )?.pid,
  );
  if (pid === undefined) throw new Error('there is no engine process');
  return pid;
}
