// npm run e2e: the end-to-end tests in real Electron on a virtual display. Arguments go to Playwright.
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { ensureBuild } from './lib/ensure-build.mjs';
import { ensurePackages } from './lib/ensure-packages.mjs';
import { DISPLAY, ensureSystem, SANDBOX, TESTS, WINDOW } from './lib/ensure-system.mjs';
import { findNode, toolEnvironment } from './lib/find-node.mjs';
import { officialElectron } from './lib/official-electron.mjs';
import { inHome } from './lib/paths.mjs';
import { hasProgram, run, say } from './lib/run.mjs';
import { ensureTestElectron } from './lib/test-electron.mjs';

/** Runs the end-to-end tests; answers their counts. A runner that cannot start counts as one failure. */
export async function e2e(args = []) {
  const electron = (await ensureTestElectron()) ?? (await officialElectron());
  if (electron === undefined) return cannot('no Electron to be had for this platform');
  const work = mkdtempSync(join(tmpdir(), 'varve-e2e-'));
  try {
    const report = join(work, 'report.json');
    const env = toolEnvironment({ VARVE_E2E_ELECTRON: electron, VARVE_E2E_REPORT: report });
    const playwright = [findNode(), inHome('node_modules', '@playwright', 'test', 'cli.js'), 'test', ...args];
    const [command, ...rest] = onDisplay(playwright);
    const status = await run(command, rest, { env });
    return counts(report, status);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

function onDisplay(command) {
  if (process.platform !== 'linux' || process.env.VARVE_E2E_DISPLAY) return command;
  if (!hasProgram('xvfb-run')) say('xvfb-run is not here: trying the display as it is');
  return hasProgram('xvfb-run') ? ['xvfb-run', '-a', '-s', '-screen 0 1440x900x24', ...command] : command;
}

function counts(report, status) {
  try {
    const { stats, suites } = JSON.parse(readFileSync(report, 'utf8'));
    return {
      passed: stats.expected + stats.flaky,
      failed: status !== 0 && stats.unexpected === 0 ? 1 : stats.unexpected,
      skipped: stats.skipped,
      failures: specs(suites, 'unexpected'),
      again: specs(suites, 'flaky'),
    };
  } catch (error) {
    return cannot(`the end-to-end tests ended without a report (status ${status}, ${error.message})`);
  }
}

/** Names of the tests that ended so; `flaky` is Playwright's word for one that passed when it was tried again. */
function specs(suites, status) {
  return suites.flatMap(({ suites: inner = [], specs: own = [] }) => [
    ...own
      .filter(({ tests }) => tests.some((test) => test.status === status))
      .map(({ file, title }) => `${file}: ${title}`),
    ...specs(inner, status),
  ]);
}

function cannot(reason) {
  say(reason);
  return { passed: 0, failed: 1, skipped: 0 };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensurePackages();
  await ensureSystem([...WINDOW, ...DISPLAY, ...SANDBOX, ...TESTS], 'the end-to-end tests');
  await ensureBuild();
  process.exitCode = (await e2e(process.argv.slice(2))).failed === 0 ? 0 : 1;
}
