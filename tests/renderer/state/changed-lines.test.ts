import { describe, expect, test } from 'vitest';
import { changedLines } from '../../../src-renderer/state/changed-lines.ts';

describe('edits since the last save', () => {
  test('are none in an unchanged text', () => {
    expect(changedLines('a\nb\n', 'a\nb\n')).toEqual({ added: [], modified: [], removedAfter: [] });
  });

  test('are lines that are new', () => {
    expect(changedLines('a\nb', 'a\nnew\nb\nlast')).toEqual({
      added: [2, 4],
      modified: [],
      removedAfter: [],
    });
  });

  test('are lines in place of others', () => {
    expect(changedLines('a\nb\nc\nd', 'a\nB\nc\nD\ne')).toEqual({
      added: [5],
      modified: [2, 4],
      removedAfter: [],
    });
  });

  test('are lines that are gone', () => {
    expect(changedLines('a\nb\nc', 'a\nc')).toEqual({ added: [], modified: [], removedAfter: [1] });
    expect(changedLines('a\nb', 'b')).toEqual({ added: [], modified: [], removedAfter: [0] });
  });

  test('count as modified whole where comparing would take long', () => {
    const many = (word: string): string => Array.from({ length: 1500 }, (_, i) => `${word} ${i}`).join('\n');
    const { added, modified } = changedLines(many('old'), many('new'));
    expect([added.length, modified.length]).toEqual([0, 1500]);
  });
});
