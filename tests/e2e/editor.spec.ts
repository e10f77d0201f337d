import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { expect, test, type Locator, type Page } from '@playwright/test';
import { buildBusyboxBase } from '../fixtures/base-image.ts';
import { dropFolder } from './support/drop-folder.ts';
import { launchVarve, type VarveWindow } from './support/launch.ts';
import { writeProject } from './support/write-project.ts';

const DOCKERFILE = `ARG EDITION=autumn
FROM busybox:latest AS build
ARG EDITION
workdir /src
LABEL edition=$EDITION
COPY site ./
RUN <<END
echo "$EDITION" > /src/edition
END

FROM busybox:latest AS docs
RUN true

FROM busybox:latest
COPY --from=build /src /srv/www
CMD httpd -f -h /srv/www
`;

// One window with one Dockerfile; each test takes back what it wrote.
test.describe.serial('the editor knows the Dockerfile language', () => {
  let root: string;
  let project: { readonly path: string; readonly folder: string };
  let varve: VarveWindow;
  let page: Page;
  let editor: Locator;

  test.beforeAll(async () => {
    root = await mkdtemp(join(tmpdir(), 'varve-store-'));
    await buildBusyboxBase(root);
    project = await writeProject('lakes', {
      Dockerfile: DOCKERFILE,
      'site/index.html': '<h1>Lakes</h1>\n',
      'server.conf': 'port 8080\n',
    });
    varve = await launchVarve({ root });
    page = varve.page;
    editor = page.getByRole('textbox', { name: 'Dockerfile' });
    await dropFolder(page, project.path);
    await expect(editor).toContainText('FROM busybox:latest AS build');
  });

  test.afterAll(async () => {
    await varve.close();
    await rm(root, { recursive: true, force: true });
    await rm(project.folder, { recursive: true, force: true });
  });

  /** Lines from 1. The text is shorter than the window, so that all of it is drawn. */
  function line(number: number): Locator {
    return editor.locator('.cm-line').nth(number - 1);
  }

  async function putCursor(piece: string, number: number): Promise<void> {
    await line(number).getByText(piece).first().click();
  }

  /** Takes back everything that was typed and mended since the file was opened. */
  async function undoAll(): Promise<void> {
    const edited = page.getByText('edited', { exact: true });
    await editor.focus();
    await expect(async () => {
      await page.keyboard.press('Control+z');
      await expect(edited).toHaveCount(0, { timeout: 500 });
    }).toPass();
  }

  test('a check’s warning is underlined, explained where the pointer rests, and mended there', async () => {
    const squiggle = editor.locator('.cm-problem', { hasText: 'workdir' });
    await squiggle.hover();
    const card = page.getByRole('region', { name: 'Explanation' });
    await expect(card).toContainText('ConsistentInstructionCasing');
    await expect(card.getByRole('link', { name: 'What it means' })).toHaveAttribute('href', /^https:/);
    await card.getByRole('button', { name: 'Write WORKDIR' }).click();
    await expect(line(4)).toHaveText('WORKDIR /src');
    await expect(squiggle).toHaveCount(0);
    await undoAll();
    await expect(squiggle).toHaveCount(1);
  });

  test('a warning is gone to and mended by keys alone', async () => {
    await editor.focus();
    await page.keyboard.press('Control+Home');
    await page.keyboard.press('F8');
    await expect(page.getByRole('region', { name: 'Explanation' })).toContainText('workdir');
    await page.keyboard.press('Control+.');
    await expect(line(4)).toHaveText('WORKDIR /src');
    await undoAll();
  });

  test('problems are listed, and one of them is mended from the list', async () => {
    await page.keyboard.press('Control+Shift+M');
    const problems = page.getByRole('region', { name: 'Problems' });
    await problems.getByRole('button', { name: /ConsistentInstructionCasing/ }).click();
    await expect(editor).toBeFocused();
    await problems.getByRole('button', { name: 'Fix: Write WORKDIR' }).click();
    await expect(line(4)).toHaveText('WORKDIR /src');
    await expect(problems).not.toContainText('ConsistentInstructionCasing');
    await undoAll();
  });

  test('completion offers instructions, stages after --from= and paths of the context', async () => {
    const list = page.getByRole('listbox', { name: 'Completions' });
    await editor.focus();
    await page.keyboard.press('Control+End');
    await page.keyboard.type('COP');
    await expect(list.getByRole('option', { name: /COPY/ })).toBeVisible();
    await page.keyboard.type('Y --from=');
    await expect(list.getByRole('option', { name: /build/ })).toBeVisible();
    await expect(list.getByRole('option', { name: /docs/ })).toBeVisible();
    await page.keyboard.type('doc');
    await expect(list.getByRole('option')).toHaveCount(1);
    await page.keyboard.press('Enter');
    await expect(line(17)).toHaveText('COPY --from=docs');
    await page.keyboard.press('Control+a');
    await page.keyboard.press('Control+End');
    await page.keyboard.press('Enter');
    await page.keyboard.type('COPY ');
    await expect(list.getByRole('option', { name: /server\.conf/ })).toBeVisible();
    await page.keyboard.type('si');
    await list.getByRole('option', { name: /site\// }).click();
    await expect(line(18)).toHaveText('COPY site/');
    await expect(list.getByRole('option', { name: /index\.html/ })).toBeVisible();
    await page.keyboard.press('Escape');
    await undoAll();
  });

  test('a variable’s value is said where the pointer rests, also the one that the build is given', async () => {
    const card = page.getByRole('region', { name: 'Explanation' });
    const variable = line(5).getByText('EDITION').last();
    await variable.hover();
    await expect(card).toContainText('autumn');
    await page.mouse.move(5, 5);
    await expect(card).toHaveCount(0);
    await page.getByRole('textbox', { name: 'EDITION' }).fill('winter');
    await variable.hover();
    await expect(card).toContainText('winter');
    await page.getByRole('textbox', { name: 'EDITION' }).fill('');
  });

  test('a stage is gone to from where it is named, by key and by click', async () => {
    await putCursor('build', 15);
    await page.keyboard.press('F12');
    const place = () => page.evaluate(() => getSelection()?.toString());
    await expect.poll(place).toBe('build');
    await expect(editor.locator('.cm-activeLine')).toHaveText('FROM busybox:latest AS build');
    await putCursor('CMD', 16);
    await page.keyboard.down('Control');
    await line(15).getByText('build').first().hover();
    await expect(editor.locator('.cm-link')).toHaveText('build');
    await line(15).getByText('build').first().click();
    await page.keyboard.up('Control');
    await expect(editor.locator('.cm-activeLine')).toHaveText('FROM busybox:latest AS build');
  });

  test('a stage is renamed wherever it is meant', async () => {
    await putCursor('build', 15);
    await page.keyboard.press('F2');
    const field = page.getByRole('textbox', { name: 'New name' });
    await expect(field).toHaveValue('build');
    await expect(field).toBeFocused();
    await field.fill('docs');
    await page.keyboard.press('Enter');
    await expect(field).toHaveAttribute('aria-invalid', 'true');
    await field.fill('site');
    await page.keyboard.press('Enter');
    await expect(line(2)).toHaveText('FROM busybox:latest AS site');
    await expect(line(15)).toHaveText('COPY --from=site /src /srv/www');
    await page.keyboard.press('Control+z');
    await expect(line(15)).toHaveText('COPY --from=build /src /srv/www');
  });

  test('a command from the palette goes on in the editor', async () => {
    await putCursor('build', 15);
    await page.keyboard.press('Control+k');
    await page.keyboard.type('Rename');
    await page.getByRole('option', { name: /^Rename the stage/ }).click();
    await expect(page.getByRole('textbox', { name: 'New name' })).toBeFocused();
    await page.keyboard.press('Escape');
    await expect(editor).toBeFocused();
  });

  test('formatting lays the text out in one step and leaves the cursor where it was', async () => {
    await putCursor('/src', 4);
    await page.keyboard.press('Shift+Alt+F');
    await expect(line(4)).toHaveText('WORKDIR /src');
    await expect(editor.locator('.cm-activeLine')).toHaveText('WORKDIR /src');
    await page.keyboard.press('Control+z');
    await expect(line(4)).toHaveText('workdir /src');
    await expect(page.getByText('edited', { exact: true })).toHaveCount(0);
  });

  test('a stage folds and unfolds', async () => {
    await putCursor('busybox', 2);
    await page.keyboard.press('Control+Shift+BracketLeft');
    await expect(editor).not.toContainText('COPY site');
    await expect(editor).toContainText('AS docs');
    await page.keyboard.press('Control+Shift+BracketRight');
    await expect(editor).toContainText('COPY site');
  });

  test('the outline shows the stages, which are needed, and leads to each', async () => {
    await page.keyboard.press('Control+Shift+O');
    const outline = page.getByRole('region', { name: 'Outline' });
    await expect(outline.getByRole('button', { name: /^docs.*not needed/ })).toBeVisible();
    await outline.getByRole('button', { name: /^COPY --from=build/ }).click();
    await expect(editor.locator('.cm-activeLine')).toContainText('COPY --from=build');
    await expect(outline.getByRole('button', { name: /^COPY --from=build/ })).toHaveAttribute(
      'aria-current',
      'location',
    );
    await expect(editor).toBeFocused();
  });

  test('what is typed has its colour before the next key', async () => {
    await page.keyboard.press('Control+End');
    const took = await editor.evaluate(async (content) => {
      const times: number[] = [];
      for (let line = 0; line < 5; line++) {
        const before = content.querySelectorAll('.cm-token-keyword').length;
        const started = performance.now();
        document.execCommand('insertText', false, 'USER 1000');
        while (content.querySelectorAll('.cm-token-keyword').length === before) {
          await new Promise(requestAnimationFrame);
        }
        times.push(performance.now() - started);
        document.execCommand('insertText', false, '\n');
      }
      return Math.min(...times);
    });
    expect(took).toBeLessThan(100);
    test.info().annotations.push({ type: 'first colour after ms', description: took.toFixed(0) });
    await expect(line(17).locator('.cm-token-keyword')).toHaveText('USER');
    await expect(line(7).locator('.cm-token-heredoc').first()).toBeVisible();
    await page.keyboard.press('Escape');
    await undoAll();
  });

  test('the error of a failed build is at its place in the editor until that is edited', async () => {
    await page.keyboard.press('Control+End');
    await page.keyboard.type('COPY nothing-here /\n');
    await page.keyboard.press('Escape');
    await page.getByRole('button', { name: 'Build', exact: true }).click();
    const alert = page.getByRole('alert');
    await expect(alert).toContainText('nothing-here', { timeout: 60_000 });
    const squiggle = line(17).locator('.cm-problem.error');
    await expect(squiggle.first()).toBeVisible();
    await alert.getByRole('button', { name: /^Dockerfile:17:\d+$/ }).click();
    await expect(editor.locator('.cm-activeLine')).toHaveText('COPY nothing-here /');
    await expect(page.getByRole('region', { name: 'Explanation' })).toContainText('nothing-here');
    await page.keyboard.press('Escape');
    await page.keyboard.press('End');
    await page.keyboard.type('srv/');
    await expect(squiggle).toHaveCount(0);
    await page.keyboard.press('Escape');
    await undoAll();
  });

  test('the page broke none of its own rules meanwhile', () => {
    expect(varve.complaints).toEqual([]);
  });
});
