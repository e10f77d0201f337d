import { describe, expect, test } from 'vitest';
import manifest from '../../package.json' with { type: 'json' };
import { VERBS } from '../../src-main/cli/verbs.ts';
import { useWorkshop } from './support/use-workshop.ts';

const workshop = useWorkshop();

describe('varve', () => {
  test('prints its version', async () => {
    expect(await workshop.varve(['--version'])).toEqual({
      status: 0,
      stdout: `${manifest.version}\n`,
      stderr: '',
    });
  });

  test('alone explains itself', async () => {
    const { status, stdout, stderr } = await workshop.varve([]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    for (const { name, summary } of VERBS) expect(stdout).toContain(`\n  ${name.padEnd(16)}${summary}\n`);
  });

  test.each(VERBS.map(({ name }) => name))('%s --help has examples', async (name) => {
    const { status, stdout, stderr } = await workshop.varve([name, '--help']);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout).toContain(`Usage: varve ${name} `);
    expect(stdout).toContain('\nExamples:\n');
  });

  test('help VERB is the same as VERB --help', async () => {
    expect(await workshop.varve(['help', 'tag'])).toEqual(await workshop.varve(['tag', '--help']));
  });

  test('names the verb that is nearest to an unknown one', async () => {
    const { status, stdout, stderr } = await workshop.varve(['biuld', '.']);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain("varve: unknown command 'biuld'\n(Did you mean build?)\n");
  });

  test.each([
    [['build'], "missing required argument 'context'"],
    [['images', '--fromat', 'json'], "unknown option '--fromat'"],
    [['tag', 'one'], 'tag takes an image and a tag'],
    [['save', '--format', 'zip', 'a'], "option '--format <format>' argument 'zip' is invalid"],
    [['tags', '-n', 'many'], 'It is a number from 1 to 1000.'],
  ])('%j is a wrong call', async (args, message) => {
    const { status, stdout, stderr } = await workshop.varve(args);
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toContain(message);
  });
});

describe('varve debug', () => {
  test('answers a table of ignore patterns', async () => {
    const rows = [
      { patterns: ['*.log', '!a.log'], path: 'b.log' },
      { patterns: ['*.log', '!a.log'], path: 'a.log' },
      { patterns: ['a['], path: 'a' },
    ];
    const { stdout } = await workshop.varve(['debug', 'ignore', '--json'], { stdin: JSON.stringify(rows) });
    expect(JSON.parse(stdout)).toEqual([true, false, 'error']);
  });

  test('answers a table of words', async () => {
    const rows = [
      { input: '${A:-x}-$B', env: { B: '2' } },
      { input: '${', env: {} },
    ];
    const { stdout } = await workshop.varve(['debug', 'expand', '--json'], { stdin: JSON.stringify(rows) });
    expect(JSON.parse(stdout)).toEqual(['x-2', { error: expect.any(String) as string }]);
  });

  test('says what is wrong with its input', async () => {
    expect(await workshop.varve(['debug', 'ignore', '--json'], { stdin: '[' })).toEqual({
      status: 1,
      stdout: '',
      stderr: 'varve: standard input is not JSON\n',
    });
  });
});
