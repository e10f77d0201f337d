import type { TransferProgress } from '../../contract/oci-types.ts';
import { countColumns, fitColumns } from '../format/fit-columns.ts';
import { formatHumanSize } from '../format/human-size.ts';

const WIDEST_BAR = 30;
const NARROWEST_BAR = 6;

/**
 * How far a transfer has come, in one line of at most `width` columns: a bar where the whole is known and there is
 * room, then amounts, rate and what is left. `copying [=====>    ] 12.3MB / 300MB 45MB/s 6s left`.
 */
export function formatTransfer(progress: TransferProgress, width: number): string {
  const amounts = formatAmounts(progress);
  const share = shareOf(progress);
  const room = Math.min(WIDEST_BAR, width - countColumns(progress.what) - amounts.length - '[] '.length - 2);
  const bar = share === undefined || room < NARROWEST_BAR ? [] : [formatBar(share, room)];
  const parts = [progress.what, ...bar, amounts].filter((part) => part !== '');
  return fitColumns(parts.join(' '), width);
}

/** The amounts without a bar, for lines that stay. */
export function formatAmounts(progress: TransferProgress): string {
  const { bytes, totalBytes, entries, totalEntries, bytesPerSecond } = progress;
  const left = secondsLeft(progress);
  const parts = [
    ...(bytes === undefined ? [] : [amount(bytes, totalBytes, formatHumanSize)]),
    ...(entries === undefined || totalEntries === 1
      ? []
      : [`${amount(entries, totalEntries, String)} entries`]),
    ...(bytesPerSecond === undefined ? [] : [`${formatHumanSize(bytesPerSecond)}/s`]),
    ...(left === undefined ? [] : [`${formatSeconds(left)} left`]),
  ];
  return parts.join(' ');
}

function amount(done: number, total: number | undefined, format: (value: number) => string): string {
  return total === undefined ? format(done) : `${format(done)} / ${format(total)}`;
}

function shareOf({ bytes, totalBytes, entries, totalEntries }: TransferProgress): number | undefined {
  if (bytes !== undefined && totalBytes !== undefined && totalBytes > 0)
    return Math.min(1, bytes / totalBytes);
  if (entries === undefined || totalEntries === undefined || totalEntries === 0) return undefined;
  return Math.min(1, entries / totalEntries);
}

function secondsLeft({ bytes, totalBytes, bytesPerSecond }: TransferProgress): number | undefined {
  if (bytes === undefined || totalBytes === undefined || !bytesPerSecond || bytes >= totalBytes)
    return undefined;
  return Math.ceil((totalBytes - bytes) / bytesPerSecond);
}

function formatSeconds(seconds: number): string {
  return seconds < 60
    ? `${seconds}s`
    : `${Math.floor(seconds / 60)}m${String(seconds % 60).padStart(2, '0')}s`;
}

function formatBar(share: number, width: number): string {
  const filled = Math.floor(share * width);
  const bar = filled === width ? '='.repeat(width) : `${'='.repeat(Math.max(0, filled - 1))}>`.padEnd(width);
  return `[${filled === 0 ? ' '.repeat(width) : bar}]`;
}
