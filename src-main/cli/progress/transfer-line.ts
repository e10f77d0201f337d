import type { TransferProgress } from '../../contract/oci-types.ts';
import type { Output } from '../output.ts';
import { formatTransfer } from './format-transfer.ts';

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
      if (!out.canRedraw || Date.now() - shownMs < REDRAW_MS) return;
      shownMs = Date.now();
      out.text(`\r\x1b[K${formatTransfer(progress, (out.columns() ?? 80) - 1)}`);
    },
    end: () => {
      if (shownMs > 0) out.text('\r\x1b[K');
    },
  };
}
