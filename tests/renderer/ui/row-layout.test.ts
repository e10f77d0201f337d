import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { sectionRows, uniformRows } from '../../../src-renderer/ui/row-layout.ts';

describe('rows of one height', () => {
  test('are found by their offset, within the ends', () => {
    const rows = uniformRows(100, 20);
    expect([-5, 0, 19, 20, 1999, 99_999].map((offset) => rows.indexAt(offset))).toEqual([0, 0, 0, 1, 99, 99]);
  });
});

describe('sections of a head and lines', () => {
  test('lie one below the other', () => {
    const rows = sectionRows([2, 0, 3], 28, 18);
    expect([rows.count, rows.heightPx]).toEqual([8, 3 * 28 + 5 * 18]);
    expect([0, 1, 2, 3, 4, 5].map((index) => rows.topOf(index))).toEqual([0, 28, 46, 64, 92, 120]);
    expect([0, 2, 3, 4, 7].map((index) => rows.locate(index))).toEqual([
      { section: 0, row: 0 },
      { section: 0, row: 2 },
      { section: 1, row: 0 },
      { section: 2, row: 0 },
      { section: 2, row: 3 },
    ]);
  });

  test('find for every row its own place', () => {
    fc.assert(
      fc.property(fc.array(fc.nat(40), { minLength: 1, maxLength: 12 }), (lines) => {
        const rows = sectionRows(lines, 28, 18);
        for (let index = 0; index < rows.count; index++) {
          expect(rows.indexAt(rows.topOf(index))).toBe(index);
          expect(rows.indexAt(rows.topOf(index) + 17)).toBe(index);
        }
      }),
    );
  });
});
