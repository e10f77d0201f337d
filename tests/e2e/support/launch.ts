import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron } from '@playwright/test';
import type { ElectronApplication, Page } from '@playwright/test';

export interface VarveWindow {
  readonly app: ElectronApplication;
  readonly page: Page;
  /** The store's folder. */
  readonly root: string;
  /** What the page's console said as an error or warning, policy violations included. */
  readonly complaints: readonly string[];
  /** Quits; removes the store's folder if it was made here. */
  close(): Promise<void>;
}

export interface LaunchOptions {
  /** An existing store; a fresh one in a temporary folder when absent. */
  readonly root?: string;
  /** More arguments, for example a folder to open. */
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

const MAIN = join(import.meta.dirname, '..', '..', '..', 'out', 'main', 'window.js');

/** Starts the built application in real Electron, with a store and a profile of its own. */
export async function launchVarve({ root, args = [], env = {} }: LaunchOptions = {}): Promise<VarveWindow> {
  const work = await mkdtemp(join(tmpdir(), 'varve-window-'));
  const storeRoot = root ?? join(work, 'store');
  const executablePath = process.env.VARVE_E2E_ELECTRON;
  const app = await _electron.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [...rootFlags(), `--user-data-dir=${join(work, 'profile')}`, MAIN, ...args],
    env: { ...definedOnly(process.env), ...env, VARVE_ROOT: storeRoot },
  });
  const page = await app.firstWindow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  await settle(page);
  return {
    app,
    page,
    root: storeRoot,
    complaints,
    close: async () => {
      await app.close();
      await rm(work, { recursive: true, force: true });
    },
  };
}

/**
 * Waits for our document. On a busy machine Playwright now and then keeps looking into the blank document that a
 * window starts with, and finds nothing while the page is there: loading it again ends that.
 */
async function settle(page: Page): Promise<void> {
  await page.waitForLoadState('load');
  const isSeen = await page
    .locator('#app')
    .waitFor({ state: 'attached', timeout: 5000 })
    .then(
      () => true,
      () => false,
    );
  if (!isSeen) await page.reload();
}

/** Chromium's sandbox does not work for root. */
function rootFlags(): string[] {
  return process.getuid?.() === 0 ? ['--no-sandbox'] : [];
}

function definedOnly(env: NodeJS.ProcessEnv): Record<string, string> {
  return Object.fromEntries(
    Object.entries(env).filter((entry): entry is [string, string] => entry[1] !== undefined),
  );
}
