import { describe, expect, test } from 'vitest';
import type { RecordedStage } from '../../../src-main/contract/build-records-api.ts';
import { layOutStages } from '../../../src-renderer/state/stage-layout.ts';

function stage(index: number, needs: readonly number[]): RecordedStage {
  return {
    index,
    base: { name: 'scratch' },
    needs: needs.map((need) => ({ stage: need, by: 'copy' as const })),
    isNeeded: true,
    isTarget: false,
    location: { file: 'Dockerfile', line: index + 1, column: 1, endLine: index + 1, endColumn: 9 },
  };
}

describe('stages from left to right', () => {
  test('a diamond has its two middles above each other', () => {
    const { stages, edges, height } = layOutStages([
      stage(0, []),
      stage(1, [0]),
      stage(2, [0]),
      stage(3, [1, 2]),
    ]);
    const [first, one, two, last] = stages;
    expect([first?.x, last?.x]).toEqual([0, 2 * (one?.x ?? 0)]);
    expect(one?.x).toBe(two?.x);
    expect((two?.y ?? 0) - (one?.y ?? 0)).toBeGreaterThanOrEqual(46);
    expect(first?.y).toBe(last?.y);
    expect(edges.map(({ from, to }) => [from, to])).toEqual([
      [0, 1],
      [0, 2],
      [1, 3],
      [2, 3],
    ]);
    expect(height).toBe(106);
  });

  test('an edge over several columns does not cross the stages between', () => {
    const { stages, edges } = layOutStages([stage(0, []), stage(1, [0]), stage(2, [1, 0])]);
    const long = edges.find(({ from, to }) => from === 0 && to === 2);
    const between = stages[1];
    const through = Number(/L \d+ (\d+)/.exec(long?.path ?? '')?.[1]);
    const isClear = through < (between?.y ?? 0) || through > (between?.y ?? 0) + 46;
    expect(isClear).toBe(true);
  });

  test('stages that need each other are drawn all the same', () => {
    expect(layOutStages([stage(0, [1]), stage(1, [0])]).stages).toHaveLength(2);
  });

  test('no stage is no drawing', () => {
    expect(layOutStages([])).toMatchObject({ stages: [], edges: [], height: 0 });
  });
});
