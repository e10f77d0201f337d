import type { TransferProgress } from '../../contract/oci-types.ts';
import type { InstructionContext } from './execute/instruction-context.ts';
import { reportTransfer } from './report-transfer.ts';

/** Tells of what a step waits for before it can do its work: layers that are brought in or unpacked. */
export function reportStepTransfer({ run, step }: InstructionContext): (progress: TransferProgress) => void {
  let report: ReturnType<typeof reportTransfer> | undefined;
  return ({ what, bytes = 0, totalBytes = 0 }) => {
    report ??= reportTransfer((amounts) => run.emit({ type: 'step-progress', step, what, ...amounts }));
    report(bytes, totalBytes);
  };
}
