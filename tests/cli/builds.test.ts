import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { runVarve } from '../fixtures/varve-cli.ts';
import { useWorkshop } from './support/use-workshop.ts';

const ids: { first: string; second: string; failed: string } = { first: '', second: '', failed: '' };

const workshop = useWorkshop(async ({ varve, out, write }) => {
  const context = await write('context', { Dockerfile: 'FROM scratch\nCOPY a.txt /\n', 'a.txt': 'a\n' });
  await out(['build', '-q', '-t', 'app:1', context]);
  await write('context', { 'a.txt': 'other\n', Bad: 'FROM scratch\nCOPY nowhere /\n' });
  await out(['build', '-q', '-t', 'app:1', '--build-arg', 'EDITION=2', context]);
  await varve(['build', '-q', '-f', join(context, 'Bad'), context]);
  const lines = (await out(['builds', '-q'])).trim().split('\n');
  [ids.failed = '', ids.second = '', ids.first = ''] = lines;
});

describe('varve builds ls', () => {
  test('lists every build, also without its word', async () => {
    const listed = await workshop.out(['builds']);
    expect(listed).toMatch(/^BUILD ID +NAME +STATUS +CREATED AT +DURATION +DIGEST\n/);
    expect(listed).toMatch(
      new RegExp(`\\n${ids.failed} +context +Error .*\\n${ids.second} +app:1 +Completed `),
    );
  });

  test('prints docker’s keys, one object a line', async () => {
    const [line] = (await workshop.out(['builds', 'ls', '--format', 'json'])).split('\n');
    expect(JSON.parse(line ?? '')).toMatchObject({
      ref: ids.failed,
      name: 'context',
      status: 'Error',
      total_steps: 1,
      completed_steps: 0,
      cached_steps: 0,
    });
  });

  test('finds by status and by text', async () => {
    const found = async (...args: string[]) =>
      (await workshop.out(['builds', 'ls', '-q', ...args])).split('\n').filter((line) => line !== '');
    expect(await found('--filter', 'status=error')).toEqual([ids.failed]);
    expect(await found('--search', 'edition=2')).toEqual([ids.second]);
    expect(await found('--search', 'COPY nowhere')).toEqual([ids.failed]);
    expect(await found('-n', '2')).toEqual([ids.failed, ids.second]);
    expect((await workshop.varve(['builds', 'ls', '--filter', 'status=odd'])).status).toBe(2);
  });
});

describe('varve builds inspect', () => {
  test('shows the newest, with the place where it failed', async () => {
    const shown = await workshop.out(['builds', 'inspect']);
    expect(shown).toMatch(new RegExp(`^Name: +context\nRef: +${ids.failed}\nStatus: +Error\n`));
    expect(shown).toContain('varve: Bad:2:6: ');
    expect(shown).toContain('    2 | COPY nowhere /\n      |      ^^^^^^^\n');
  });

  test('fills a template for the one that is named, by ^, by its end, in full', async () => {
    for (const word of ['^1', ids.second.slice(-6), ids.second]) {
      const shown = await workshop.out([
        'builds',
        'inspect',
        '--format',
        '{{.Ref}} {{json .BuildArgs}}',
        word,
      ]);
      expect(shown).toBe(`${ids.second} [{"Name":"EDITION","Value":"2"}]\n`);
    }
  });

  test.each([
    ['nowhere', 'there is no build nowhere'],
    ['^9', 'only 3 builds are recorded here'],
    [' 0', 'there is no build  0'],
  ])('says that %j is none', async (word, message) => {
    const { status, stderr } = await workshop.varve(['builds', 'inspect', word]);
    expect(status).toBe(1);
    expect(stderr).toContain(message);
  });
});

describe('varve builds logs', () => {
  test('prints what the build printed, as plain lines or as events', async () => {
    const plain = await workshop.out(['builds', 'logs', ids.first]);
    expect(plain).toMatch(/^#1 \[1\/1\] COPY a\.txt \/\n.*#1 DONE \d+\.\ds\n/s);
    const events = await workshop.out(['builds', 'logs', '--progress', 'rawjson', ids.first]);
    const types = events
      .trim()
      .split('\n')
      .map((line) => (JSON.parse(line) as { type: string }).type);
    expect([types[0], types.at(-1)]).toEqual(['plan', 'step-end']);
  });
});

describe('varve builds diff', () => {
  test('names what was different', async () => {
    const shown = await workshop.out(['builds', 'diff', ids.first, ids.second]);
    expect(shown).toMatch(/ {2}Argument EDITION +- -> 2\n/);
    expect(shown).toContain('Dockerfile: the same\n');
    expect(shown).toMatch(/ {2}\[0\] COPY a\.txt \/ +ran \d\.\ds +ran \d\.\ds +a\.txt changed\n/);
  });
});

describe('varve builds export', () => {
  test('writes one file, which another store opens', async () => {
    await workshop.out(['builds', 'export', '-o', 'it.varvebuild', ids.second]);
    const other = join(workshop.folder, 'other');
    const opened = await runVarve(other, ['builds', 'open', join(workshop.folder, 'it.varvebuild')]);
    const shown = await runVarve(other, ['builds', 'inspect', '--format', '{{.Ref}} {{.Imported}}']);
    expect([opened.stdout, shown.stdout]).toEqual([`Opened: ${ids.second} app:1\n`, `${ids.second} true\n`]);
  });
});

describe('varve builds rm', () => {
  test('removes records and no image', async () => {
    await workshop.out(['builds', 'export', ids.first, '-o', 'kept.varvebuild']);
    await workshop.out(['builds', 'rm', ids.first]);
    const left = await workshop.out(['builds', 'ls', '-q']);
    await workshop.out(['builds', 'open', 'kept.varvebuild']);
    expect(left).not.toContain(ids.first);
    expect(await workshop.out(['builds', 'ls', '-q'])).toContain(ids.first);
    expect(await workshop.out(['images', '-q', 'app'])).not.toBe('');
    expect((await workshop.varve(['builds', 'rm'])).stderr).toContain('Name some, or say --all.');
  });
});
