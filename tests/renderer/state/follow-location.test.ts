import { describe, expect, test } from 'vitest';
import { followLocation } from '../../../src-renderer/state/follow-location.ts';
import { location } from '../support/location.ts';

const BEFORE = 'FROM a\nRUN one\nRUN two\n';
const SECOND = location(2, 5, 8);

describe('a place in a text that was edited', () => {
  test.each([
    ['below it', 'FROM a\nRUN one\nRUN three\n', SECOND],
    ['above it', '# new\n\nFROM a\nRUN one\nRUN two\n', { ...SECOND, line: 4, endLine: 4 }],
    ['by removing what is above it', 'RUN one\nRUN two\n', { ...SECOND, line: 1, endLine: 1 }],
    ['on its line', 'FROM a\nRUN uno\nRUN two\n', undefined],
    ['by removing its line', 'FROM a\nRUN two\n', undefined],
    ['on both sides of it', 'FROM b\nRUN one\nRUN three\n', undefined],
    ['not at all', BEFORE, SECOND],
  ])('%s', (_how, after, expected) => {
    expect(followLocation(BEFORE, after, SECOND)).toEqual(expected);
  });
});
