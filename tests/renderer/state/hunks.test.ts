import { expect, test } from 'vitest';
import { hunksOf } from '../../../src-renderer/state/hunks.ts';

test('what differs is shown with three lines around it', () => {
  const lines = Array.from({ length: 20 }, (_, at) => ({ text: String(at), before: at + 1, after: at + 1 }));
  const changed = [
    ...lines.slice(0, 5),
    { text: 'new', after: 6 },
    ...lines.slice(5, 19),
    { text: 'gone', before: 20 },
  ];
  expect(hunksOf(changed).map((hunk) => hunk.map(({ text }) => text))).toEqual([
    ['2', '3', '4', 'new', '5', '6', '7'],
    ['16', '17', '18', 'gone'],
  ]);
  expect(hunksOf(lines)).toEqual([]);
});
