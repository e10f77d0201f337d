// The unit, contract and command-line tests: all at once, then what failed once more, alone.
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, relative } from 'node:path';
import { findNode, toolEnvironment } from './lib/find-node.mjs';
import { home, inHome } from './lib/paths.mjs';
import { run, say } from './lib/run.mjs';

/** Above this it is no accident of a busy machine. */
const MOST_FILES_TRIED_AGAIN = 3;

/**
 * Runs them; answers their counts, the names of those that failed, and of those that passed only when their file ran
 * again by itself: these count as passed, and are named so that somebody mends them.
 */
export async function unit() {
  const first = await vitest([]);
  const files = [...new Set(first.failures.map(({ file }) => file))];
  if (files.length === 0 || files.length > MOST_FILES_TRIED_AGAIN || files.includes(undefined)) {
    return counted(first, first.failures, []);
  }
  say(`once more, alone: ${files.join(' ')}`);
  const second = await vitest(files);
  const still = new Set(second.failures.map(({ name }) => name));
  const again = first.failures.filter(({ name }) => !still.has(name));
  return counted(first, second.failures, again);
}

function counted({ ran, skipped }, failures, again) {
  return {
    passed: ran - failures.length,
    failed: failures.length,
    skipped,
    failures: failures.map(({ name }) => name),
    again: again.map(({ name }) => name),
  };
}

async function vitest(files) {
  const work = mkdtempSync(join(tmpdir(), 'varve-vitest-'));
  try {
    const report = join(work, 'report.json');
    const tool = inHome('node_modules', 'vitest', 'vitest.mjs');
    const args = ['run', '--reporter=default', '--reporter=json', `--outputFile.json=${report}`, ...files];
    const status = await run(findNode(), [tool, ...args], { env: toolEnvironment() });
    return outcome(report, status);
  } finally {
    rmSync(work, { recursive: true, force: true });
  }
}

/** A file that does not load and an error outside any test count as a failure too. */
function outcome(report, status) {
  if (!existsSync(report))
    return { ran: 1, skipped: 0, failures: [{ name: 'vitest ended without a report' }] };
  const { numPassedTests, numPendingTests, numTodoTests = 0, testResults } = JSON.parse(readFileSync(report));
  const failures = testResults.flatMap(failuresOf);
  if (status !== 0 && failures.length === 0) failures.push({ name: 'an error outside any test, above' });
  return { ran: numPassedTests + failures.length, skipped: numPendingTests + numTodoTests, failures };
}

function failuresOf({ name, status, assertionResults }) {
  const file = relative(home, name);
  const failed = assertionResults.filter((test) => test.status === 'failed');
  if (status === 'failed' && failed.length === 0) return [{ file, name: `${file} does not load` }];
  return failed.map(({ fullName }) => ({ file, name: `${file}: ${fullName}` }));
}
