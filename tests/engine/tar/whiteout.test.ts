import { expect, test } from 'vitest';
import {
  formatOpaque,
  formatWhiteout,
  isAufsMetadata,
  parseWhiteout,
} from '../../../src-main/engine/tar/whiteout.ts';

test.each([
  ['a/.wh.b', { kind: 'removed', path: 'a/b' }],
  ['.wh.b', { kind: 'removed', path: 'b' }],
  ['a/.wh..wh..opq', { kind: 'opaque', path: 'a' }],
  ['.wh..wh..opq', { kind: 'opaque', path: '' }],
  ['a/b', undefined],
  ['.wh.a/b', undefined],
  ['a/.whb', undefined],
  ['.wh..wh.plnk', undefined],
])('%s', (path, whiteout) => {
  expect(parseWhiteout(path)).toEqual(whiteout);
});

test.each(['.wh.', 'a/.wh..', 'a/.wh...'])('%s would remove a folder around it and is refused', (path) => {
  expect(() => parseWhiteout(path)).toThrow('names nothing that can be removed');
});

test.each(['b', 'a/b', 'a/b/.c'])('formatting and parsing %s agree', (path) => {
  expect(parseWhiteout(formatWhiteout(path))).toEqual({ kind: 'removed', path });
  expect(parseWhiteout(formatOpaque(path))).toEqual({ kind: 'opaque', path });
});

test("AUFS's own files are told apart from whiteouts", () => {
  expect(['.wh..wh.aufs', '.wh..wh.plnk/1.2', 'a/.wh..wh..opq', '.wh.a'].map(isAufsMetadata)).toEqual([
    true,
    true,
    false,
    false,
  ]);
});
