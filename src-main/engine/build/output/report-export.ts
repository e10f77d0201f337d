import type { BuildEvent } from '../../../contract/builds-api.ts';
import type { TransferProgress } from '../../../contract/oci-types.ts';
import { reportTransfer } from '../report-transfer.ts';

/** Tells that something is written now, and then how far that has come. */
export function reportExport(
  emit: (event: BuildEvent) => void,
  what: string,
): (progress: TransferProgress) => void {
  emit({ type: 'export', what });
  const report = reportTransfer((amounts) => emit({ type: 'export', what, ...amounts }));
  return ({ bytes = 0, totalBytes = 0 }) => report(bytes, totalBytes);
}
