// npm test: sets up what is missing, then runs everything, and closes with one line that counts it all.
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { check } from './check.mjs';
import { e2e } from './e2e.mjs';
import { build } from './lib/ensure-build.mjs';
import { ensurePackages } from './lib/ensure-packages.mjs';
import { DISPLAY, ensureSystem, SANDBOX, TESTS, WINDOW } from './lib/ensure-system.mjs';
import { toolEnvironment } from './lib/find-node.mjs';
import { home, inHome } from './lib/paths.mjs';
import { say } from './lib/run.mjs';
import { unit } from './unit.mjs';

const goldens = join(home, '..', 'shared', 'conformance', 'run.py');

const RUNNERS = [
  ['checks', check],
  ['build', buildAll],
  ['unit, contract and command-line tests', unit],
  ['end-to-end tests', e2e],
  ...(existsSync(goldens) ? [['golden cases', runGoldens]] : []),
];

await ensurePackages();
await ensureSystem([...WINDOW, ...DISPLAY, ...SANDBOX, ...TESTS], 'the tests');
const results = [];
for (const [name, runner] of RUNNERS) {
  say(name);
  const startedAt = Date.now();
  const result = await runner();
  results.push({ name, ...result, seconds: Math.round((Date.now() - startedAt) / 1000) });
}
summarise(results);

async function buildAll() {
  const status = await build();
  return { passed: status === 0 ? 1 : 0, failed: status === 0 ? 0 : 1, skipped: 0 };
}

/** Every case counts: what BuildKit does is the bar. */
async function runGoldens() {
  const varve = inHome('resources', 'bin', 'varve');
  const text = await printed('python3', [goldens, '--varve', varve, '--jobs', '2']);
  const [, passed, failed] = /^(\d+) passed, (\d+) failed\s*$/m.exec(text) ?? [];
  if (passed === undefined) return { passed: 0, failed: 1, skipped: 0 };
  return { passed: Number(passed), failed: Number(failed), skipped: 0 };
}

/** Runs with its output shown indented, so that its own closing line is not taken for ours; answers that output. */
function printed(command, args) {
  return new Promise((done) => {
    let text = '';
    const child = spawn(command, args, { env: toolEnvironment(), stdio: ['ignore', 'pipe', 'inherit'] });
    child.stdout.on('data', (chunk) => {
      text += chunk;
      process.stdout.write(String(chunk).replace(/^/gm, '  '));
    });
    child.on('error', (error) => say(`${command}: ${error.message}`));
    child.on('close', () => done(text));
  });
}

function summarise(all) {
  process.stdout.write('\n');
  for (const { name, passed, failed, skipped, seconds, failures = [], again = [] } of all) {
    const rest = skipped > 0 ? `, ${skipped} skipped` : '';
    process.stdout.write(`  ${name}: ${passed} passed, ${failed} failed${rest} (${seconds} s)\n`);
    for (const each of again) process.stdout.write(`    passed only when tried again: ${each}\n`);
    for (const each of failures) process.stdout.write(`    FAILED: ${each}\n`);
  }
  const sum = (key) => all.reduce((total, each) => total + each[key], 0);
  const skipped = sum('skipped') > 0 ? `, ${sum('skipped')} skipped` : '';
  process.stdout.write(`\n${sum('passed')} passed, ${sum('failed')} failed${skipped}\n`);
  process.exitCode = sum('failed') === 0 ? 0 : 1;
}
