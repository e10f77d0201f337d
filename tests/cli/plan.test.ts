import { describe, expect, test } from 'vitest';
import { useWorkshop } from './support/use-workshop.ts';

const PROJECT = {
  Dockerfile: 'FROM scratch\nCOPY a.txt /\nCOPY b.txt /\n',
  'a.txt': 'a\n',
  'b.txt': 'b\n',
};

const workshop = useWorkshop();

describe('varve build --plan', () => {
  test('says what would run and why, and builds nothing', async () => {
    const context = await workshop.write('plan', PROJECT);
    await workshop.out(['build', context]);
    await workshop.write('plan', { 'b.txt': 'changed\n' });
    const { status, stdout, stderr } = await workshop.varve(['build', '--plan', '-t', 'plan:1', context]);
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    expect(stdout.replaceAll(/\d\.\ds/g, '0.0s')).toBe(
      [
        'LINE      INSTRUCTION    FORECAST   LAST TIME   WHY',
        '2         COPY a.txt /   cache      0.0s',
        '3         COPY b.txt /   run        0.0s        b.txt changed',
        '',
        '1 from the cache, 1 will run (about 0.0s).',
        '',
      ].join('\n'),
    );
    expect(await workshop.out(['images', '-q', 'plan:1'])).toBe('');
  });

  test('answers with JSON', async () => {
    const context = await workshop.write('json', { ...PROJECT, 'a.txt': 'another\n' });
    const { steps } = JSON.parse(await workshop.out(['build', '--plan', '--format', 'json', context])) as {
      steps: { step: string; forecast: string }[];
    };
    expect(steps.map(({ step, forecast }) => [step, forecast])).toEqual([
      ['0.1', 'run'],
      ['0.2', 'run'],
    ]);
  });

  test('shows where a Dockerfile is wrong', async () => {
    const context = await workshop.write('wrong', { Dockerfile: 'FROM scratch\nCOPPY a b\n' });
    const { status, stderr } = await workshop.varve(['build', '--plan', context]);
    expect([status, stderr]).toEqual([1, expect.stringMatching(/Dockerfile:2:1.*COPPY/s) as string]);
  });
});
