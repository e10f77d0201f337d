import { createPace } from '../pace.ts';

interface Amounts {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
}

/** Tells how far a transfer has come and how fast it is, and when it is whole. */
export function reportTransfer(
  tell: (amounts: Amounts) => void,
): (bytes: number, totalBytes: number) => void {
  const pace = createPace();
  return (bytes, totalBytes) => {
    if (pace.isDue(bytes >= totalBytes)) tell({ bytes, totalBytes, bytesPerSecond: pace.rate(bytes) });
  };
}
