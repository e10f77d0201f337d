import type { TransferProgress } from '../../src-main/contract/oci-types.ts';
import { formatBytes } from '../ui/format-bytes.ts';
import { formatDuration } from '../ui/format-duration.ts';

/** `copying · 12,040 files · 120 MB of 300 MB · 45 MB/s · 4 s left`. */
export function progressText({
  what,
  note,
  bytes,
  totalBytes,
  entries,
  bytesPerSecond,
}: TransferProgress): string {
  const parts = note === undefined ? [what] : [what, note];
  if (entries !== undefined) parts.push(`${entries.toLocaleString('en')} files`);
  if (bytes !== undefined) {
    const total = totalBytes === undefined ? '' : ` of ${formatBytes(totalBytes)}`;
    parts.push(`${formatBytes(bytes)}${total}`);
  }
  if (bytesPerSecond !== undefined) parts.push(`${formatBytes(bytesPerSecond)}/s`);
  if (bytes !== undefined && totalBytes !== undefined && bytesPerSecond && bytes < totalBytes) {
    parts.push(`${formatDuration(1000 * Math.ceil((totalBytes - bytes) / bytesPerSecond))} left`);
  }
  return parts.join(' · ');
}

/** How much of it is done, from 0 to 1, where that is known. */
export function progressShare({ bytes, totalBytes }: TransferProgress): number | undefined {
  if (bytes === undefined || totalBytes === undefined || totalBytes === 0) return undefined;
  return Math.min(1, bytes / totalBytes);
}
