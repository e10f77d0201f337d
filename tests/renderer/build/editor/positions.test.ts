import { Text } from '@codemirror/state';
import { describe, expect, test } from 'vitest';
import { offsetAt, positionAt, rangeOf } from '../../../../src-renderer/build/editor/positions.ts';
import { location } from '../../support/location.ts';

const DOC = Text.of(['FROM a', '', 'RUN 😀 x']);

describe('places in the editor', () => {
  test('are the contract’s, there and back, in UTF-16 code units', () => {
    const offsets = Array.from({ length: DOC.length + 1 }, (_, at) => at);
    expect(offsets.map((at) => offsetAt(DOC, positionAt(DOC, at)))).toEqual(offsets);
    expect(positionAt(DOC, DOC.length)).toEqual({ line: 3, column: 9 });
  });

  test('that the text does not have are cut to what it has', () => {
    expect([
      offsetAt(DOC, { line: 1, column: 99 }),
      offsetAt(DOC, { line: 9, column: 1 }),
      offsetAt(DOC, { line: 0, column: 0 }),
    ]).toEqual([6, DOC.length, 0]);
    expect(rangeOf(DOC, { ...location(3, 5), endLine: 2, endColumn: 1 })).toEqual({ from: 12, to: 12 });
  });
});
