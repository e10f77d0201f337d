import { describe, expect, test } from 'vitest';
import { ticksOf, timelineOf } from '../../../src-renderer/state/timeline.ts';
import { buildRecord, recordedStep } from '../support/build-record.ts';

describe('the timeline', () => {
  const record = buildRecord({
    steps: [
      recordedStep({ id: '0.1', stage: 'build', startMs: 100, endMs: 400, outcome: 'ran' }),
      recordedStep({ id: '1.1', stage: '1', startMs: 150, endMs: 150, outcome: 'cached' }),
      recordedStep({ id: '0.2', stage: 'build', startMs: 400, outcome: 'running' }),
      recordedStep({ id: '1.2', stage: '1' }),
    ],
  });

  test('has the steps of each stage on one axis, and the work before them', () => {
    const { groups, lengthMs, unreached } = timelineOf(record, 1000);
    const shown = groups.map(({ title, bars }) => [
      title,
      ...bars.map((bar) => [bar.key, bar.startMs, bar.endMs]),
    ]);
    expect(shown).toEqual([
      ['', ['read', 0, 100]],
      ['build', ['0.1', 100, 400], ['0.2', 400, 1000]],
      ['stage 1', ['1.1', 150, 150]],
    ]);
    expect({ lengthMs, unreached }).toEqual({ lengthMs: 1000, unreached: 1 });
  });

  test('of a build without steps is empty but for its reading', () => {
    expect(timelineOf(buildRecord({ steps: [] }), 30).groups.map(({ bars }) => bars[0]?.key)).toEqual([
      'read',
    ]);
  });

  test('is divided at round times', () => {
    expect(ticksOf(1000)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(ticksOf(7)).toEqual([0, 2, 4, 6]);
    expect(ticksOf(95_000)).toEqual([0, 20_000, 40_000, 60_000, 80_000]);
  });
});
