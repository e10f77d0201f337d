import type { TransferProgress } from '../../contract/oci-types.ts';
import { formatHumanSize } from '../format/human-size.ts';
import type { Output } from '../output.ts';

const REDRAW_MS = 100;

/** One line on a terminal that says how far a long call has come; nothing where there is no terminal. */
export interface TransferLine {
  readonly onProgress: (progress: TransferProgress) => void;
  /** Removes the line. */
  end(): void;
}

export function createTransferLine(out: Output): TransferLine {
  let shownMs = 0;
  return {
    onProgress: (progress) => {
      if (!out.isTty || Date.now() - shownMs < REDRAW_MS) return;
      shownMs = Date.now();
      out.text(`\r\x1b[K${formatTransfer(progress).slice(0, (out.columns() ?? 80) - 1)}`);
    },
    end: () => {
      if (shownMs > 0) out.text('\r\x1b[K');
    },
  };
}

function formatTransfer(progress: TransferProgress): string {
  const parts = [progress.what];
  if (progress.bytes !== undefined) parts.push(amount(progress.bytes, progress.totalBytes, formatHumanSize));
  if (progress.entries !== undefined)
    parts.push(`${amount(progress.entries, progress.totalEntries, String)} entries`);
  if (progress.bytesPerSecond !== undefined) parts.push(`${formatHumanSize(progress.bytesPerSecond)}/s`);
  return parts.join('  ');
}

function amount(done: number, total: number | undefined, format: (value: number) => string): string {
  return total === undefined ? format(done) : `${format(done)} / ${format(total)}`;
}
