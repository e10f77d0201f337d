// npm run dev: Vite's server for the page, rebuilds of the rest, and the window on it.
import { ensurePackages } from './lib/ensure-packages.mjs';
import { findNode, toolEnvironment } from './lib/find-node.mjs';
import { officialElectron } from './lib/official-electron.mjs';
import { inHome } from './lib/paths.mjs';
import { isRoot, run } from './lib/run.mjs';
import { cachedTestElectron } from './lib/test-electron.mjs';

await ensurePackages();
const electron = (await officialElectron()) ?? cachedTestElectron();
const tool = inHome('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
const args = [tool, 'dev', '--config', 'electron.config.ts', '--watch', ...(isRoot ? ['--noSandbox'] : [])];
process.exitCode = await run(findNode(), args, {
  env: toolEnvironment(electron === undefined ? {} : { ELECTRON_EXEC_PATH: electron }),
});
