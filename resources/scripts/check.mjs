// npm run check: formatter, linter, types, import directions, dead code. All of them run; any failure fails.
import { pathToFileURL } from 'node:url';
import { ensurePackages } from './lib/ensure-packages.mjs';
import { findNode, toolEnvironment } from './lib/find-node.mjs';
import { inHome } from './lib/paths.mjs';
import { run, say } from './lib/run.mjs';

const CHECKS = [
  ['formatting', 'prettier/bin/prettier.cjs', '--check', '--log-level', 'warn', '.'],
  ['lint', 'eslint/bin/eslint.js', '--max-warnings', '0', '.'],
  [
    'types',
    'svelte-check/bin/svelte-check',
    '--tsconfig',
    './tsconfig.json',
    '--output',
    'human',
    '--fail-on-warnings',
  ],
  [
    'import directions',
    'dependency-cruiser/bin/dependency-cruise.mjs',
    '--config',
    '.dependency-cruiser.cjs',
    'src-main',
    'src-renderer',
    'tests',
  ],
  ['dead code', 'knip/bin/knip.js', '--no-progress'],
];

/** Runs every check; answers how many passed and failed. */
export async function check() {
  const failed = [];
  for (const [name, tool, ...args] of CHECKS) {
    say(`check: ${name}`);
    const status = await run(findNode(), [inHome('node_modules', tool), ...args], { env: toolEnvironment() });
    if (status !== 0) failed.push(name);
  }
  if (failed.length > 0) say(`checks that failed: ${failed.join(', ')}`);
  return { passed: CHECKS.length - failed.length, failed: failed.length, skipped: 0 };
}

if (import.meta.url === pathToFileURL(process.argv[1]).href) {
  await ensurePackages();
  process.exitCode = (await check()).failed === 0 ? 0 : 1;
}
