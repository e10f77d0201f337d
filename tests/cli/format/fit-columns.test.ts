import { expect, test } from 'vitest';
import { countColumns, fitColumns } from '../../../src-main/cli/format/fit-columns.ts';

test('a line that fits stays, and one that does not ends with an ellipsis in the last column', () => {
  expect(['abcd', 'abcde', '', 'ab'].map((line) => fitColumns(line, 4))).toEqual(['abcd', 'abc…', '', 'ab']);
  expect([0, 1, 2].map((columns) => fitColumns('abc', columns))).toEqual(['', '…', 'a…']);
});

test('wide characters take two columns and are never cut in half', () => {
  expect(countColumns('日本 👍')).toBe(7);
  expect([7, 6, 5, 4, 3].map((columns) => fitColumns('日本👍👍', columns))).toEqual([
    '日本👍…',
    '日本…',
    '日本…',
    '日…',
    '日…',
  ]);
});

test('marks that stand on the character before take no column', () => {
  expect([countColumns('e\u0301tude'), fitColumns('e\u0301tude', 5)]).toEqual([5, 'e\u0301tude']);
});

test('tabs become spaces up to their stops', () => {
  expect(fitColumns('ab\tc', 20)).toBe('ab      c');
  expect(fitColumns('ab\tc', 8)).toBe('ab…');
});

test('colours take no column and end where the line is cut', () => {
  expect(countColumns('\x1b[31mred\x1b[0m')).toBe(3);
  expect(fitColumns('\x1b[31mred\x1b[0m', 3)).toBe('\x1b[31mred\x1b[0m');
  expect(fitColumns('\x1b[31mreddish\x1b[0m', 3)).toBe('\x1b[31mre…\x1b[0m');
});
