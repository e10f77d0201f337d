// npm run package [-- --test]: the application as a folder and a tar.gz in dist/. With --test it is packed around the
// tests' Electron, to be tried and never to be given away; otherwise around the official one.
import { readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { build } from './lib/ensure-build.mjs';
import { ensurePackages } from './lib/ensure-packages.mjs';
import { findNode, toolEnvironment } from './lib/find-node.mjs';
import { officialElectron } from './lib/official-electron.mjs';
import { inHome } from './lib/paths.mjs';
import { fail, output, run, say } from './lib/run.mjs';
import { ensureTestElectron } from './lib/test-electron.mjs';

const forTests = process.argv.includes('--test');

await ensurePackages();
const electron = forTests ? await ensureTestElectron() : await officialElectron();
if (electron === undefined) fail('the official Electron is needed for a package and cannot be fetched here');
if ((await build()) !== 0) fail('the build failed');
await pack(dirname(electron), versionOf(dirname(electron)));
if (!forTests) await archive();

async function pack(dist, version) {
  const tool = inHome('node_modules', 'electron-builder', 'cli.js');
  const args = [tool, '--linux', 'dir', '--config', 'electron-builder.config.cjs', '--publish', 'never'];
  const settings = [`-c.electronDist=${dist}`, `-c.electronVersion=${version}`];
  const env = toolEnvironment(forTests ? { VARVE_PACKAGE_FOR_TESTS: '1' } : {});
  if ((await run(findNode(), [...args, ...settings], { env })) !== 0) fail('packaging failed');
  say('dist/linux-unpacked is ready');
}

async function archive() {
  const { version } = JSON.parse(readFileSync(inHome('package.json'), 'utf8'));
  const name = `varve-${version}-linux-${process.arch}`;
  const args = [
    '-C',
    inHome('dist'),
    '--transform',
    `s,^linux-unpacked,${name},`,
    '-czf',
    inHome('dist', `${name}.tar.gz`),
  ];
  if ((await run('tar', [...args, 'linux-unpacked'])) !== 0) fail('the archive could not be written');
  say(`dist/${name}.tar.gz is ready`);
}

/** Electron's own word, since package.json names only the official version. */
function versionOf(dist) {
  const version =
    output(`${dist}/electron`, ['--version', '--no-sandbox']) ?? readFileSync(`${dist}/version`, 'utf8');
  return version.trim().replace(/^v/, '');
}
