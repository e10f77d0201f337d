import { describe, expect, test } from 'vitest';
import { coreBands } from '../../../src-renderer/layers/core-bands.ts';
import type { CoreEntry } from '../../../src-renderer/state/layers-screen.svelte.ts';
import { layerRow } from '../support/layer-row.ts';

function layer(unpackedBytes: number): CoreEntry {
  return { kind: 'layer', layer: layerRow(0, { unpackedBytes }), createdBy: 'COPY . .' };
}

const STEP: CoreEntry = { kind: 'metadata', step: { createdBy: 'ENV A=b', emptyLayer: true, sizeBytes: 0 } };

describe('the bands of a core', () => {
  test('are thicker the bigger the layer, by powers of ten', () => {
    const [thin, middle, thick] = coreBands([layer(1e3), layer(1e5), layer(1e7)], 300);
    const heights = [thin, middle, thick].map((band) => band?.height ?? 0);
    expect((heights[2] ?? 0) - (heights[1] ?? 0)).toBeCloseTo((heights[1] ?? 0) - (heights[0] ?? 0));
    expect(heights[0]).toBeLessThan(heights[1] ?? 0);
  });

  test('lie one below the other and fill the height', () => {
    const bands = coreBands([layer(1e6), STEP, layer(0), layer(1e9)], 200);
    for (const [index, band] of bands.entries()) {
      expect(band.top).toBeGreaterThanOrEqual((bands[index - 1]?.top ?? 0) + (bands[index - 1]?.height ?? 0));
    }
    const last = bands.at(-1);
    expect((last?.top ?? 0) + (last?.height ?? 0)).toBeCloseTo(200, -1);
  });

  test('do not grow beyond a good thickness when there is much room', () => {
    expect(coreBands([layer(1e9)], 2000)[0]?.height).toBeLessThan(160);
  });

  test('stay visible where there are very many', () => {
    const bands = coreBands(
      Array.from({ length: 120 }, () => layer(1e6)),
      300,
    );
    expect(Math.min(...bands.map((band) => band.height))).toBe(5);
  });
});
