import { describe, expect, test } from 'vitest';
import { digestLook } from '../../../src-renderer/ui/digest-look.ts';
import { formatBytes } from '../../../src-renderer/ui/format-bytes.ts';
import { formatCount } from '../../../src-renderer/ui/format-count.ts';
import { formatDuration } from '../../../src-renderer/ui/format-duration.ts';
import { formatMode } from '../../../src-renderer/ui/format-mode.ts';
import { formatWhen } from '../../../src-renderer/ui/format-when.ts';

test('bytes are shown in decimal units with three digits or so', () => {
  const sizes = [0, 999, 1000, 1500, 38_240_000, 99_960_000, 312_000_000, 999_600_000, 5e12];
  expect(sizes.map(formatBytes)).toEqual([
    '0 B',
    '999 B',
    '1.0 kB',
    '1.5 kB',
    '38.2 MB',
    '100 MB',
    '312 MB',
    '1.0 GB',
    '5.0 TB',
  ]);
});

test('time spans are shown as short as they are', () => {
  expect([0, 84.4, 999.6, 9949, 9951, 48_000, 185_000, 3_720_000].map(formatDuration)).toEqual([
    '0 ms',
    '84 ms',
    '1.0 s',
    '9.9 s',
    '10 s',
    '48 s',
    '3 m 05 s',
    '1 h 02 m',
  ]);
});

test('counts have their noun', () => {
  expect([formatCount(1, 'file'), formatCount(12_040, 'file'), formatCount(0, 'entry', 'entries')]).toEqual([
    '1 file',
    '12,040 files',
    '0 entries',
  ]);
});

test('instants are said as a person would', () => {
  const now = Date.parse('2026-11-24T12:00:00Z');
  const instants = [
    '2026-11-24T11:59:30Z',
    '2026-11-24T11:55:00Z',
    '2026-11-24T09:00:00Z',
    '2026-11-23T09:00:00Z',
    '2026-11-20T09:00:00Z',
    '2026-01-02T09:00:00Z',
    'never',
  ];
  expect(instants.map((instant) => formatWhen(instant, now))).toEqual([
    'just now',
    '5 min ago',
    '3 h ago',
    'yesterday',
    '4 days ago',
    '2026-01-02',
    'never',
  ]);
});

test('modes are written as ls writes them', () => {
  expect([
    formatMode(0o755, 'directory'),
    formatMode(0o4755, 'file'),
    formatMode(0o1777, 'directory'),
    formatMode(0o2644, 'symlink'),
  ]).toEqual(['drwxr-xr-x', '-rwsr-xr-x', 'drwxrwxrwt', 'lrw-r-Sr--']);
});

describe('a digest', () => {
  const a = `sha256:${'0123456789abcdef'.repeat(4)}`;

  test('is shown by twelve hex digits', () => {
    expect(digestLook(a).short).toBe('0123456789ab');
  });

  test('looks the same wherever it is, and unlike another', () => {
    expect(digestLook(a)).toEqual(digestLook(a));
    expect(digestLook(a).hues).not.toEqual(digestLook(`sha256:${'f'.repeat(64)}`).hues);
  });
});
