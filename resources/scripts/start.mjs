// npm start: installs what is missing, builds, and opens Varve. Runs under Node 20 with nothing installed.
import { statSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { ensureBuild } from './lib/ensure-build.mjs';
import { ensurePackages } from './lib/ensure-packages.mjs';
import { ensureSystem, SANDBOX, WINDOW } from './lib/ensure-system.mjs';
import { findNode } from './lib/find-node.mjs';
import { officialElectron } from './lib/official-electron.mjs';
import { home, inHome } from './lib/paths.mjs';
import { hasProgram, isRoot, output, run, say } from './lib/run.mjs';
import { cachedTestElectron } from './lib/test-electron.mjs';

const LATE_FAILURE_MS = 10_000;

await ensurePackages();
if (process.platform === 'linux') await ensureSystem(SANDBOX, 'RUN in builds');
await ensureBuild();
const electron = await windowElectron();
process.exitCode = electron === undefined ? await openBrowserWindow() : await openWindow(electron);

/** An Electron that can show a window here, or undefined with the reason said. */
async function windowElectron() {
  if (process.env.VARVE_BROWSER) return without('VARVE_BROWSER is set');
  if (!hasDisplay()) return without('there is no display here');
  if (process.platform === 'linux') await ensureSystem(WINDOW, 'the window');
  const electron = await findElectron();
  if (electron === undefined)
    return without('Electron is not here and github.com, where it comes from, cannot be reached');
  if (!librariesFound(electron)) return without('libraries of the system that Electron needs are missing');
  if (!isRoot && !canSandbox(electron))
    return without('this system forbids the sandbox that the window must run in');
  return electron;
}

async function findElectron() {
  const official = await officialElectron();
  if (official !== undefined) return official;
  const fetched = cachedTestElectron();
  if (fetched !== undefined)
    say('the official Electron cannot be fetched; using the one that the tests fetched');
  return fetched;
}

function without(reason) {
  say(`${reason}: serving the window to your browser instead`);
  return undefined;
}

function hasDisplay() {
  return process.platform !== 'linux' || Boolean(process.env.DISPLAY || process.env.WAYLAND_DISPLAY);
}

function librariesFound(electron) {
  return process.platform !== 'linux' || !(output('ldd', [electron]) ?? '').includes('not found');
}

/** Chromium's sandbox needs user namespaces or its helper owned by root with mode 4755. */
function canSandbox(electron) {
  if (process.platform !== 'linux' || !hasProgram('unshare')) return true;
  if (output('unshare', ['-Ur', 'true']) !== undefined) return true;
  const helper = statSync(join(dirname(electron), 'chrome-sandbox'), { throwIfNoEntry: false });
  return helper !== undefined && helper.uid === 0 && (helper.mode & 0o4000) !== 0;
}

async function openWindow(electron) {
  if (isRoot && process.platform === 'linux')
    say('running as root, so Chromium’s sandbox is off; an ordinary user keeps it');
  const flags = isRoot && process.platform === 'linux' ? ['--no-sandbox'] : [];
  const startedAt = Date.now();
  const status = await run(electron, [...flags, home, ...process.argv.slice(2)]);
  if (status === 0 || Date.now() - startedAt > LATE_FAILURE_MS) return status;
  without(`Electron ended at once with status ${status}`);
  return openBrowserWindow();
}

function openBrowserWindow() {
  return run(findNode(), [inHome('out', 'main', 'browser.cjs')]);
}
