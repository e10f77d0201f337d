import { expect, test } from 'vitest';
import { formatTransfer } from '../../../src-main/cli/progress/format-transfer.ts';

const COPY = { what: 'copying', bytes: 75e6, totalBytes: 300e6, bytesPerSecond: 45e6 };

test('a transfer is a bar with amounts, rate and what is left, as far as there is room', () => {
  expect([80, 60, 40, 12].map((width) => formatTransfer(COPY, width))).toEqual([
    'copying [======>                       ] 75MB / 300MB 45MB/s 5s left',
    'copying [====>                ] 75MB / 300MB 45MB/s 5s left',
    'copying 75MB / 300MB 45MB/s 5s left',
    'copying 75M…',
  ]);
});

test('without a whole there is no bar, and at its end nothing is left', () => {
  expect([
    formatTransfer({ what: 'reading', entries: 12 }, 80),
    formatTransfer({ what: 'waiting' }, 80),
    formatTransfer({ ...COPY, bytes: 300e6 }, 80),
  ]).toEqual([
    'reading 12 entries',
    'waiting',
    'copying [==============================] 300MB / 300MB 45MB/s',
  ]);
});
