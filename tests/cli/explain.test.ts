import { rm } from 'node:fs/promises';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { useWorkshop } from './support/use-workshop.ts';

const PROJECT = {
  Dockerfile: 'FROM scratch\nCOPY a.txt /\nCOPY b.txt /\n',
  'a.txt': 'a\n',
  'b.txt': 'b\n',
};

const workshop = useWorkshop();

describe('varve build --explain', () => {
  test('prints only why steps ran', async () => {
    const context = await workshop.write('why', PROJECT);
    await workshop.out(['build', context]);
    await workshop.write('why', { 'b.txt': 'changed\n' });
    const { status, stdout, stderr } = await workshop.varve(['build', '--explain', '-t', 'why:1', context]);
    expect({ status, stderr, stdout }).toEqual({
      status: 0,
      stderr: '',
      stdout: `   3  COPY b.txt /  b.txt changed
      ~ b.txt: 0263829989b6fd95 (2 B) -> 7f8b1dfc466b6249 (8 B)
1 step ran, 1 came from the cache.
`,
    });
    expect(await workshop.out(['images', '-q', 'why:1'])).not.toBe('');
  });

  test('prints every change behind a step, with before and after', async () => {
    const Dockerfile = 'FROM scratch\nARG V=1\nENV E=1\nCOPY --chown=$V . /\n';
    const context = await workshop.write('all', { ...PROJECT, Dockerfile });
    await workshop.out(['build', context]);
    await workshop.write('all', { Dockerfile: Dockerfile.replace('E=1', 'E=2'), 'c.txt': 'c\n' });
    await rm(join(context, 'b.txt'));
    const out = await workshop.out(['build', '--explain', '--build-arg', 'V=2', context]);
    expect(out.split('\n')).toEqual([
      '   4  COPY --chown=$V . /  ARG V 1 -> 2',
      '      ~ ARG V: 1 -> 2',
      expect.stringMatching(/^ {6}~ Dockerfile: \w{16} \(\d+ B\) -> \w{16} \(\d+ B\)$/),
      '      + c.txt: a3a5e715f0cc574a (2 B), mode 644',
      '      - b.txt: 0263829989b6fd95 (2 B), mode 644',
      '1 step ran, 0 came from the cache.',
      '',
    ]);
  });

  test('answers with JSON, a line a step, with every change', async () => {
    const context = await workshop.write('json', PROJECT);
    await workshop.out(['build', context]);
    await workshop.write('json', { 'a.txt': 'changed\n' });
    const out = await workshop.out(['build', '--explain', '--format', 'json', context]);
    const steps = out.trim().split('\n');
    expect(steps.map((line) => JSON.parse(line) as unknown)).toEqual([
      {
        step: '0.1',
        stage: '0',
        line: 2,
        instruction: 'COPY a.txt /',
        outcome: 'ran',
        durationMs: expect.any(Number) as number,
        reason: {
          kind: 'file',
          text: 'a.txt changed',
          changes: [
            {
              kind: 'file',
              name: 'a.txt',
              before: '87428fc522803d31 (2 B)',
              after: '7f8b1dfc466b6249 (8 B)',
            },
          ],
        },
      },
      {
        step: '0.2',
        stage: '0',
        line: 3,
        instruction: 'COPY b.txt /',
        outcome: 'ran',
        durationMs: expect.any(Number) as number,
        reason: {
          kind: 'parent',
          text: 'COPY a.txt / (line 2) gave another result',
          step: '0.1',
          changes: [
            {
              kind: 'parent',
              name: 'COPY a.txt / (line 2)',
              before: expect.stringMatching(/^sha256:/) as string,
              after: expect.stringMatching(/^sha256:/) as string,
            },
          ],
        },
      },
    ]);
  });
});
