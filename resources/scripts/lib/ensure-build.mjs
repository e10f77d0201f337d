import { existsSync, readdirSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { findNode, toolEnvironment } from './find-node.mjs';
import { inHome } from './paths.mjs';
import { fail, run, say } from './run.mjs';

const SOURCES = [
  'src-main',
  'src-renderer',
  'electron.config.ts',
  'svelte.config.js',
  'tsconfig.json',
  'package.json',
];
const BUILT = [
  'main/window.cjs',
  'main/engine.cjs',
  'main/cli.cjs',
  'main/browser.cjs',
  'preload/preload.cjs',
  'renderer/index.html',
];

/** Builds unless what is in out/ is newer than every source. */
export async function ensureBuild() {
  if (isFresh()) return;
  say('building…');
  if ((await build()) !== 0) fail('the build failed');
}

/** Builds; answers the exit status. */
export function build() {
  const tool = inHome('node_modules', 'electron-vite', 'bin', 'electron-vite.js');
  const args = [tool, 'build', '--config', 'electron.config.ts', '--logLevel', 'warn'];
  return run(findNode(), args, { env: toolEnvironment() });
}

function isFresh() {
  const built = BUILT.map((path) => inHome('out', path));
  if (!built.every((path) => existsSync(path))) return false;
  const oldest = Math.min(...built.map((path) => statSync(path).mtimeMs));
  return SOURCES.every((source) => newest(inHome(source)) <= oldest);
}

/** The last change of a file or of anything in a folder, the folders' own times included (they tell of removals). */
function newest(path) {
  const stat = statSync(path);
  if (!stat.isDirectory()) return stat.mtimeMs;
  return Math.max(stat.mtimeMs, ...readdirSync(path).map((name) => newest(join(path, name))));
}
