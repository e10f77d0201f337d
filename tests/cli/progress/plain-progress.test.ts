import { describe, expect, test } from 'vitest';
import type { BuildEvent, BuildStep } from '../../../src-main/contract/builds-api.ts';
import { createPlainProgress } from '../../../src-main/cli/progress/plain-progress.ts';

const location = { file: 'Dockerfile', line: 1, column: 1, endLine: 1, endColumn: 2 };
const at = '2026-01-01T00:00:00Z';

function step(id: string, stage: string, position: number, instruction: string): BuildStep {
  const keyword = instruction.split(' ')[0] ?? '';
  return { id, stage, position, total: 2, instruction, keyword, location };
}

/** What the progress writes for these events when each comes 100 ms after the one before. */
function written(events: readonly BuildEvent[]): string[] {
  const lines: string[] = [];
  let nowMs = 0;
  const progress = createPlainProgress(
    (line) => lines.push(line),
    () => nowMs,
  );
  for (const event of events) {
    progress.show(event);
    nowMs += 100;
  }
  progress.end(false);
  return lines;
}

describe('plain progress', () => {
  test('numbers the steps and says what became of each', () => {
    const steps = [step('0.0', '0', 1, 'FROM busybox'), step('0.1', '0', 2, 'RUN make')];
    const lines = written([
      { type: 'plan', steps },
      { type: 'step-start', step: '0.0', at },
      { type: 'step-end', step: '0.0', at, outcome: 'cached', durationMs: 3 },
      { type: 'step-start', step: '0.1', at },
      { type: 'step-output', step: '0.1', stream: 'stdout', text: 'one\ntw' },
      { type: 'step-output', step: '0.1', stream: 'stdout', text: 'o\n10%\r20%\r\nlast' },
      {
        type: 'step-end',
        step: '0.1',
        at,
        outcome: 'ran',
        durationMs: 1234,
        reason: { kind: 'file', text: 'a.c changed' },
      },
      { type: 'export', what: 'writing the image' },
    ]);
    expect(lines).toEqual([
      '#1 [1/2] FROM busybox',
      '#1 CACHED',
      '',
      '#2 [2/2] RUN make',
      '#2 0.100 one',
      '#2 0.200 two',
      '#2 0.200 20%',
      '#2 0.300 last',
      '#2 ran because a.c changed',
      '#2 DONE 1.2s',
      '',
      '#3 writing the image',
      '',
    ]);
  });

  test('says now and then how much of an output is written', () => {
    const amounts = { totalBytes: 10_000, bytesPerSecond: 100 };
    const what = 'tar out.tar';
    const lines = written([
      { type: 'export', what },
      ...Array.from({ length: 60 }, (_, tenth) => ({
        type: 'export' as const,
        what,
        bytes: tenth * 100,
        ...amounts,
      })),
      { type: 'export', what: 'writing the cache' },
    ]);
    expect(lines).toEqual([
      '#1 tar out.tar',
      '#1 writing 4.9kB / 10kB 100B/s 51s left',
      '#1 writing the cache',
      '',
    ]);
  });

  test('repeats the heading when steps of two stages alternate', () => {
    const steps = [step('0.1', 'build', 2, 'RUN a'), step('1.1', '1', 2, 'RUN b')];
    const output = (id: string): BuildEvent => ({
      type: 'step-output',
      step: id,
      stream: 'stderr',
      text: 'x\n',
    });
    const lines = written([
      { type: 'plan', steps },
      { type: 'step-start', step: '0.1', at },
      { type: 'step-start', step: '1.1', at },
      output('0.1'),
      { type: 'step-end', step: '1.1', at, outcome: 'failed', durationMs: 50 },
    ]);
    expect(lines).toEqual([
      '#1 [build 2/2] RUN a',
      '',
      '#2 [stage-1 2/2] RUN b',
      '',
      '#1 [build 2/2] RUN a',
      '#1 0.200 x',
      '',
      '#2 [stage-1 2/2] RUN b',
      '#2 ERROR after 0.1s',
      '',
    ]);
  });
});
