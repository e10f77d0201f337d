import { existsSync, readFileSync } from 'node:fs';
import { request } from 'node:https';
import { findNode } from './find-node.mjs';
import { inHome } from './paths.mjs';
import { run, say } from './run.mjs';

const FETCH_LIMIT_MS = 180_000;
const PROBE_LIMIT_MS = 4000;

/** The official binary of package.json's version: the one that is there, or freshly fetched if that can be quick. */
export async function officialElectron() {
  const present = presentElectron();
  if (present !== undefined) return present;
  if (process.env.ELECTRON_MIRROR === undefined && !(await canReach('github.com'))) return undefined;
  say('fetching Electron (once, about 110 MB)…');
  await run(findNode(), [inHome('node_modules', 'electron', 'install.js')], { timeoutMs: FETCH_LIMIT_MS });
  return presentElectron();
}

function presentElectron() {
  const name = inHome('node_modules', 'electron', 'path.txt');
  if (!existsSync(name)) return undefined;
  const binary = inHome('node_modules', 'electron', 'dist', readFileSync(name, 'utf8').trim());
  return existsSync(binary) ? binary : undefined;
}

function canReach(host) {
  return new Promise((done) => {
    const probe = request({ host, method: 'HEAD', path: '/', timeout: PROBE_LIMIT_MS }, (response) => {
      response.destroy();
      done(true);
    });
    const limit = setTimeout(() => probe.destroy(new Error('too slow')), PROBE_LIMIT_MS);
    probe.on('error', () => done(false));
    probe.on('close', () => clearTimeout(limit));
    probe.end();
  });
}
