import { chmod, rm, symlink } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BuildEvent, BuildRequestInput, Reason } from '../../../src-main/contract/builds-api.ts';
import { tempStore } from '../support/temp-store.ts';
import { openBuildBench, outcomes, type BuildBench } from './build-fixture.ts';
import { scriptedSandbox } from './scripted-sandbox.ts';

async function openProject(files: Readonly<Record<string, string>>): Promise<BuildBench> {
  const store = await tempStore();
  return openBuildBench(files, { store, sandbox: scriptedSandbox(store) });
}

/** The reason of each step that ran. */
function reasons(events: readonly BuildEvent[]): Readonly<Record<string, Reason>> {
  return Object.fromEntries(
    events.flatMap((event) =>
      event.type === 'step-end' && event.reason !== undefined ? [[event.step, event.reason]] : [],
    ),
  );
}

/** Builds twice, with a change between, and answers what the second build says. */
async function explainChange(
  dockerfile: string,
  changed: { dockerfile?: string; request?: Partial<BuildRequestInput> },
  request: Partial<BuildRequestInput> = {},
): Promise<readonly string[]> {
  const bench = await openProject({ Dockerfile: dockerfile, 'a.txt': 'a', 'src/main.c': 'main' });
  await bench.build(request);
  if (changed.dockerfile !== undefined) await bench.write({ Dockerfile: changed.dockerfile });
  const { events } = await bench.build({ ...request, ...changed.request });
  return outcomes(events);
}

describe('a file', () => {
  test('is told by what became of it, with its content, mode and link before and after', async () => {
    const bench = await openProject({
      Dockerfile: 'FROM scratch\nCOPY src /src\n',
      'src/a': 'a',
      'src/gone': '',
      'src/run.sh': 'x',
    });
    await symlink('a', join(bench.context, 'src/link'));
    await bench.build();
    await bench.write({ 'src/a': 'other', 'src/new': 'new' });
    await chmod(join(bench.context, 'src/run.sh'), 0o755);
    await rm(join(bench.context, 'src/gone'));
    await rm(join(bench.context, 'src/link'));
    await symlink('new', join(bench.context, 'src/link'));
    const { events } = await bench.build();
    expect(reasons(events)['0.1']).toEqual({
      kind: 'file',
      text: 'src/a changed and 4 more',
      changes: [
        { kind: 'file', name: 'src/a', before: 'ca978112ca1bbdca (1 B)', after: 'd9298a10d1b07358 (5 B)' },
        { kind: 'file', name: 'src/link', before: 'link to a', after: 'link to new' },
        { kind: 'file', name: 'src/new', after: '11507a0e2f5e69d5 (3 B), mode 644' },
        { kind: 'file', name: 'src/run.sh', before: 'mode 644', after: 'mode 755' },
        { kind: 'file', name: 'src/gone', before: 'e3b0c44298fc1c14 (0 B), mode 644' },
      ],
    });
  });

  test('is one of many: the first hundred are named and the others counted', async () => {
    const names = Array.from({ length: 120 }, (_, i) => `src/${i}`);
    const bench = await openProject({
      Dockerfile: 'FROM scratch\nCOPY src /src\n',
      ...Object.fromEntries(names.map((name) => [name, 'a'])),
    });
    await bench.build();
    await bench.write(Object.fromEntries(names.map((name) => [name, 'b'])));
    const { text, changes, more } = reasons((await bench.build()).events)['0.1'] ?? {};
    expect([text, changes?.length, more]).toEqual(['src/0 changed and 119 more', 100, 20]);
  });

  test('that a mount shows is named too', async () => {
    const bench = await openProject({
      Dockerfile: 'FROM scratch\nRUN --mount=type=bind,source=src,target=/in write said a\n',
      'src/a': 'a',
    });
    await bench.build();
    await bench.write({ 'src/a': 'b' });
    expect(reasons((await bench.build()).events)['0.1']).toMatchObject({
      kind: 'mount',
      text: 'src/a changed, which the mount bind /in shows',
      changes: [
        { kind: 'mount', name: 'bind /in' },
        { kind: 'file', name: 'src/a' },
      ],
    });
  });

  test('of a stage is another because a step of that stage is', async () => {
    const bench = await openProject({
      Dockerfile: 'FROM scratch AS made\nCOPY a.txt /\nFROM scratch\nCOPY --from=made /a.txt /\n',
      'a.txt': 'a',
    });
    await bench.build();
    await bench.write({ 'a.txt': 'b' });
    const { events } = await bench.build();
    expect(reasons(events)['1.1']).toMatchObject({
      text: 'a.txt changed',
      step: '0.1',
      changes: [
        { kind: 'file', name: 'a.txt' },
        { kind: 'parent', name: 'COPY a.txt / (line 2)' },
      ],
    });
  });
});

describe('what is set elsewhere', () => {
  test('an argument counts where a command sees it, and where a COPY names it', async () => {
    const dockerfile = 'FROM scratch\nARG V=1\nARG W=1\nCOPY a.txt /$V\nRUN write said $V\n';
    expect(await explainChange(dockerfile, { request: { buildArgs: { W: '2' } } })).toEqual([
      '0.1 cached',
      '0.2 ran: ARG W 1 -> 2',
    ]);
    expect(await explainChange(dockerfile, { request: { buildArgs: { V: '2' } } })).toEqual([
      '0.1 ran: ARG V 1 -> 2',
      '0.2 ran: ARG V 1 -> 2',
    ]);
  });

  test('a variable is named with both values', async () => {
    expect(
      await explainChange('FROM scratch\nENV MODE=debug\nRUN write said a\n', {
        dockerfile: 'FROM scratch\nENV MODE=release\nRUN write said a\n',
      }),
    ).toEqual(['0.1 ran: ENV MODE debug -> release']);
  });

  test('the value of a variable with a secret’s name is not shown', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch\nARG API_TOKEN\nRUN write said a\n' });
    await bench.build({ buildArgs: { API_TOKEN: 'hunter2' } });
    const { events } = await bench.build({ buildArgs: { API_TOKEN: 'hunter3' } });
    expect(reasons(events)['0.1']).toEqual({
      kind: 'argument',
      text: 'ARG API_TOKEN changed',
      changes: [{ kind: 'argument', name: 'API_TOKEN', before: '(hidden)', after: '(hidden)' }],
    });
    expect(JSON.stringify(events)).not.toContain('hunter');
  });

  test('options of the build and of the stage', async () => {
    const run = 'RUN write said a\n';
    expect([
      await explainChange(`FROM scratch\n${run}`, { request: { network: 'none' } }),
      await explainChange(`FROM scratch\n${run}`, { request: { addHosts: [{ host: 'h', ip: '1.2.3.4' }] } }),
      await explainChange(`FROM scratch\n${run}`, { dockerfile: `FROM scratch\nUSER 7\n${run}` }),
      await explainChange(`FROM scratch\nCOPY a.txt .\n`, {
        dockerfile: 'FROM scratch\nWORKDIR /w\nCOPY a.txt .\n',
      }),
    ]).toEqual([
      ['0.1 ran: --network host -> none'],
      ['0.1 ran: --add-host none -> h:1.2.3.4'],
      ['0.1 ran: USER none -> 7'],
      ['0.1 ran: this instruction is new', '0.2 ran: WORKDIR / -> /w'],
    ]);
  });

  test('a long value is clipped and its change still seen', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch\nARG LONG\nRUN write said a\n' });
    const long = 'x'.repeat(5000);
    await bench.build({ buildArgs: { LONG: `${long}1` } });
    const reason = reasons((await bench.build({ buildArgs: { LONG: `${long}2` } })).events)['0.1'];
    const [change] = reason?.changes ?? [];
    expect(change?.before).toMatch(/^x{160}… \(5001 characters, [0-9a-f]{8}\)$/);
    expect(change?.after).not.toBe(change?.before);
  });
});

describe('the earlier build', () => {
  const TWO = 'FROM scratch\nCOPY a.txt /a\nCOPY src /src\n';

  test('is matched step by step as a diff would, when lines are inserted above', async () => {
    expect(
      await explainChange(TWO, {
        dockerfile: '# a comment\nFROM scratch\nRUN write said new\nCOPY a.txt /a\nCOPY src /src\n',
      }),
    ).toEqual([
      '0.1 ran: this instruction is new',
      '0.2 ran: RUN write said new (line 3) is new',
      '0.3 ran: RUN write said new (line 3) is new',
    ]);
  });

  test('tells an instruction that is gone', async () => {
    expect(
      await explainChange('FROM scratch\nRUN write said old\nCOPY a.txt /a\n', {
        dockerfile: 'FROM scratch\nCOPY a.txt /a\n',
      }),
    ).toEqual(['0.1 ran: RUN write said old (line 2) is gone']);
  });

  test('is the last one, also when that took all from the cache', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch\nCOPY a.txt /a\n', 'a.txt': '1' });
    for (const text of ['1', '2', '1']) {
      await bench.write({ 'a.txt': text });
      await bench.build();
    }
    await bench.write({ 'a.txt': '3' });
    expect(reasons((await bench.build()).events)['0.1']?.changes).toEqual([
      { kind: 'file', name: 'a.txt', before: '6b86b273ff34fce1 (1 B)', after: '4e07408562bedb8b (1 B)' },
    ]);
  });

  test('of another target is another one', async () => {
    const bench = await openProject({ Dockerfile: 'FROM scratch AS a\nCOPY a.txt /a\n', 'a.txt': '1' });
    await bench.build({ target: 'a' });
    await bench.write({ 'a.txt': '2' });
    expect(outcomes((await bench.build()).events)).toEqual(['0.1 ran: this step has not run before']);
  });

  test('that failed keeps what is known of the steps that it did not come to', async () => {
    const bench = await openProject({
      Dockerfile: 'FROM scratch\nRUN write said a\nCOPY a.txt /a\n',
      'a.txt': '1',
    });
    await bench.build();
    await bench.write({ Dockerfile: 'FROM scratch\nRUN false\nCOPY a.txt /a\n' });
    await expect(bench.build()).rejects.toThrow('exit code 1');
    await bench.write({ Dockerfile: 'FROM scratch\nRUN write said b\nCOPY a.txt /a\n' });
    expect(outcomes((await bench.build()).events)).toEqual([
      '0.1 ran: it did not come to its end the last time',
      '0.2 ran: RUN write said b (line 2) gave another result',
    ]);
  });

  test('is compared although its layers were pruned', async () => {
    const bench = await openProject({ Dockerfile: TWO, 'a.txt': '1', 'src/main.c': 'm' });
    await bench.build();
    await bench.store.prune({ dryRun: false, cache: true, graceMs: 60_000 });
    expect(outcomes((await bench.build()).events)).toEqual([
      '0.1 ran: its earlier result is not in the cache any more',
      '0.2 ran: its earlier result is not in the cache any more',
    ]);
  });
});

test('--no-cache and --no-cache-filter are reasons of their own', async () => {
  const bench = await openProject({
    Dockerfile: 'FROM scratch AS one\nCOPY a.txt /a\nFROM one\nCOPY a.txt /b\n',
    'a.txt': '1',
  });
  await bench.build();
  const all = await bench.build({ noCache: true });
  const one = await bench.build({ noCacheFilter: ['one'] });
  expect([outcomes(all.events), outcomes(one.events)]).toEqual([
    ['0.1 ran: the cache was not asked (--no-cache)', '1.1 ran: the cache was not asked (--no-cache)'],
    ['0.1 ran: the cache was not asked for this stage (--no-cache-filter)', '1.1 cached'],
  ]);
});
