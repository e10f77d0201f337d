import { expect, test } from 'vitest';
import { parseSubordinateIds } from '../../../src-main/engine/sandbox/id-map.ts';

test('a user may be named or numbered in subuid, and have several ranges; what is malformed counts for nothing', () => {
  const text = 'ada:100000:65536\nbob:1:2\n1000:300000:10\nada:x:5\nada:7\n\n';
  expect(parseSubordinateIds(text, { name: 'ada', uid: 1000, gid: 1000 })).toEqual([
    { start: 100000, count: 65536 },
    { start: 300000, count: 10 },
  ]);
});
