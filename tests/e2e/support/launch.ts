import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { _electron, errors } from '@playwright/test';
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

const MOST_TRIES = 3;
const ATTACHED_WITHIN_MS = 20_000;
const IN_SIGHT_WITHIN_MS = 15_000;
const MAIN = join(import.meta.dirname, '..', '..', '..', 'out', 'main', 'window.cjs');

/**
 * Starts the built application in real Electron, with a store and a profile of its own. On a busy machine Playwright
 * now and then fails to attach while the page loads well: `launch` never answers, or keeps looking into the blank
 * document that a window starts with. Only a new start ends that.
 */
export async function launchVarve(options: LaunchOptions = {}): Promise<VarveWindow> {
  const work = await mkdtemp(join(tmpdir(), 'varve-window-'));
  const root = options.root ?? join(work, 'store');
  for (let tries = 1; tries <= MOST_TRIES; tries += 1) {
    const varve = await start(join(work, `profile-${tries}`), root, options).catch(noneIfTimedOut);
    const close = async () => {
      await varve?.app.close();
      await rm(work, { recursive: true, force: true });
    };
    if (varve !== undefined && (await isInSight(varve.page))) return { ...varve, root, close };
    await varve?.app.close();
    process.stderr.write('Playwright did not attach to the window: it is started again\n');
  }
  throw new Error(`the window did not come into sight in ${MOST_TRIES} starts`);
}

function noneIfTimedOut(error: unknown): undefined {
  if (!(error instanceof errors.TimeoutError)) throw error;
}

type Started = Pick<VarveWindow, 'app' | 'page' | 'complaints'>;

async function start(
  profile: string,
  root: string,
  { args = [], env = {} }: LaunchOptions,
): Promise<Started> {
  const executablePath = process.env.VARVE_E2E_ELECTRON;
  const app = await _electron.launch({
    ...(executablePath !== undefined && { executablePath }),
    args: [...rootFlags(), `--user-data-dir=${profile}`, MAIN, ...args],
    env: { ...definedOnly(process.env), ...env, VARVE_ROOT: root },
    timeout: ATTACHED_WITHIN_MS,
  });
  const page = await app.firstWindow();
  const complaints: string[] = [];
  page.on('console', (message) => {
    if (message.type() === 'error' || message.type() === 'warning') complaints.push(message.text());
  });
  page.on('pageerror', (error) => complaints.push(error.message));
  return { app, page, complaints };
}

function isInSight(page: Page): Promise<boolean> {
  return page
    .locator('#app > *')
    .first()
    .waitFor({ state: 'attached', timeout: IN_SIGHT_WITHIN_MS })
    .then(
      () => true,
      () => false,
    );
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
