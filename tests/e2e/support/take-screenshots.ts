// Takes the README's pictures of the built application in real Electron: node tests/e2e/support/take-screenshots.ts
// [folder], on a display (xvfb-run) and with VARVE_E2E_ELECTRON naming a binary where Electron's own is not there.
import { mkdir, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { Page } from '@playwright/test';
import { buildBusyboxBase } from '../../fixtures/base-image.ts';
import { startRegistryServer } from '../../fixtures/registry-server.ts';
import { runVarve } from '../../fixtures/varve-cli.ts';
import { dropFolder } from './drop-folder.ts';
import { launchVarve, type VarveWindow } from './launch.ts';
import { writeProject } from './write-project.ts';

const SIZES = [
  [1280, 800],
  [1920, 1080],
] as const;
const SCHEMES = ['light', 'dark'] as const;

const DOCKERFILE = `FROM busybox:latest AS build
ARG EDITION=autumn
WORKDIR /src
COPY site ./
RUN for page in *.html; do printf '\\033[32mchecking\\033[0m %s\\n' "$page"; done
RUN mkdir /out && cp *.html /out && echo "$EDITION" > /out/edition

FROM busybox:latest
LABEL org.opencontainers.image.title="Lakes"
COPY --from=build /out /srv/www
RUN chmod 644 /srv/www/*.html && rm /etc/group
USER 1000
EXPOSE 8080
CMD ["httpd", "-f", "-p", "8080", "-h", "/srv/www"]
`;

const folder = resolve(process.argv[2] ?? 'resources/screenshots');
const root = await mkdtemp(join(tmpdir(), 'varve-pictures-'));
const project = await writeProject('lakes', {
  Dockerfile: DOCKERFILE,
  '.dockerignore': 'drafts\n',
  ...pages(),
});
await mkdir(folder, { recursive: true });
try {
  await buildBusyboxBase(root);
  const varve = await launchVarve({ root });
  await takeAll(varve);
  await varve.close();
} finally {
  await rm(root, { recursive: true, force: true });
  await rm(project.folder, { recursive: true, force: true });
}

function pages(): Record<string, string> {
  const names = ['index', 'baikal', 'constance', 'ohrid', 'suigetsu', 'titicaca', 'van'];
  const page = (name: string, at: number) =>
    `<h1>${name}</h1>\n${`<p>Layer after layer.</p>\n`.repeat(40 * (at + 1))}`;
  return {
    ...Object.fromEntries(names.map((name, at) => [`site/${name}.html`, page(name, at)])),
    'drafts/notes.txt': 'not for the image\n',
  };
}

async function takeAll(varve: VarveWindow): Promise<void> {
  const { page } = varve;
  await takeEach(varve, 'start');
  await dropFolder(page, project.path);
  await page.getByRole('textbox', { name: 'Tag' }).fill('lakes:1.0');
  await page.getByRole('button', { name: 'Build', exact: true }).click();
  await page.getByRole('button', { name: 'Show layers' }).waitFor();
  await takeEach(varve, 'build');
  await page.getByRole('button', { name: 'Details' }).click();
  await page.getByRole('region', { name: 'Timeline' }).waitFor();
  await takeEach(varve, 'builds');
  await page.getByRole('link', { name: 'Build', exact: true }).click();
  await writeInEditor(page);
  await takeEach(varve, 'editor');
  await page.getByRole('link', { name: 'Images' }).click();
  await page.getByRole('grid', { name: 'Images' }).getByRole('row', { name: /lakes/ }).click();
  await takeEach(varve, 'images');
  await page.getByRole('button', { name: 'Show layers' }).click();
  await page.getByRole('option', { name: /RUN chmod/ }).click();
  await page.getByRole('treeitem', { name: /^srv/ }).click();
  await page.getByRole('treeitem', { name: /^www/ }).click();
  await page.getByRole('treeitem', { name: /^baikal/ }).click();
  await takeEach(varve, 'layers');
  await takeRegistries(varve);
}

/** A registry with a few images, one of them looked into. */
async function takeRegistries(varve: VarveWindow): Promise<void> {
  const { page } = varve;
  const server = await startRegistryServer(root);
  try {
    for (const name of ['team/lakes:1.0', 'team/lakes:1.0.1', 'team/lakes:latest', 'team/rivers:0.3'])
      await runVarve(root, ['push', 'lakes:1.0', `${server.host}/${name}`]);
    for (const name of ['base/busybox:1', 'team/lakes:0.9'])
      await runVarve(root, ['push', 'busybox', `${server.host}/${name}`]);
    await runVarve(root, ['pull', `${server.host}/team/lakes:latest`]);
    await page.getByRole('link', { name: 'Registries' }).click();
    await page.getByRole('option', { name: server.host }).click();
    await page.getByRole('option', { name: 'team/lakes' }).click();
    await page.getByRole('row', { name: /^latest/ }).click();
    await page.getByRole('row', { name: /^0\.9/ }).getByText('linux/').waitFor();
    await page.getByRole('treeitem', { name: 'srv', exact: true }).click();
    await takeEach(varve, 'registries');
  } finally {
    await server.close();
  }
}

/** In the middle of a line that names a stage, with the outline beside it. */
async function writeInEditor(page: Page): Promise<void> {
  await page.getByRole('tab', { name: 'Outline' }).click();
  await page.getByRole('textbox', { name: 'Dockerfile' }).getByText('/srv/www').first().click();
  await page.keyboard.press('End');
  await page.keyboard.press('Enter');
  await page.keyboard.type('COPY --from=');
  await page.getByRole('listbox', { name: 'Completions' }).waitFor();
}

async function takeEach(varve: VarveWindow, name: string): Promise<void> {
  for (const [width, height] of SIZES) {
    await varve.app.evaluate(
      ({ BrowserWindow }, [w, h]) => {
        BrowserWindow.getAllWindows()[0]?.setContentSize(w, h);
      },
      [width, height] as const,
    );
    for (const colorScheme of SCHEMES)
      await take(varve.page, colorScheme, `${name}-${width}-${colorScheme}.png`);
  }
}

async function take(page: Page, colorScheme: 'light' | 'dark', file: string): Promise<void> {
  await page.emulateMedia({ colorScheme, reducedMotion: 'reduce' });
  await page.screenshot({ path: join(folder, file) });
}
