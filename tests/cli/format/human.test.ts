import { describe, expect, test } from 'vitest';
import { formatHumanDuration, formatSince } from '../../../src-main/cli/format/human-duration.ts';
import { formatHumanSize } from '../../../src-main/cli/format/human-size.ts';

describe('a size for people', () => {
  test.each([
    [0, '0B'],
    [999, '999B'],
    [1000, '1kB'],
    [4_426_789, '4.43MB'],
    [77_930_000, '77.9MB'],
    [999_900_000, '1GB'],
    [1_500_000_000_000, '1.5TB'],
  ])('%d bytes are %s', (bytes, text) => {
    expect(formatHumanSize(bytes)).toBe(text);
  });
});

describe('a span for people', () => {
  const second = 1000;
  const hour = 3600 * second;
  test.each([
    [400, 'Less than a second'],
    [second, '1 second'],
    [59 * second, '59 seconds'],
    [90 * second, 'About a minute'],
    [59 * 60 * second, '59 minutes'],
    [hour, 'About an hour'],
    [47 * hour, '47 hours'],
    [48 * hour, '2 days'],
    [14 * 24 * hour, '2 weeks'],
    [60 * 24 * hour, '2 months'],
    [3 * 365 * 24 * hour, '3 years'],
  ])('%d ms are %s', (milliseconds, text) => {
    expect(formatHumanDuration(milliseconds)).toBe(text);
  });

  test('an image that does not say when it was made has no age', () => {
    expect(formatSince(undefined, 0)).toBe('N/A');
    expect(formatSince('1970-01-01T00:00:00Z', 5000)).toBe('5 seconds ago');
  });
});
