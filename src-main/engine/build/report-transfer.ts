const REPORT_EVERY_MS = 100;

interface Amounts {
  readonly bytes: number;
  readonly totalBytes: number;
  readonly bytesPerSecond: number;
}

/** Tells how far a transfer has come and how fast it is: ten times a second are enough for an eye, and when it is whole. */
export function reportTransfer(
  tell: (amounts: Amounts) => void,
): (bytes: number, totalBytes: number) => void {
  const began = performance.now();
  let last = began;
  return (bytes, totalBytes) => {
    const at = performance.now();
    if (at - last < REPORT_EVERY_MS && bytes < totalBytes) return;
    last = at;
    const bytesPerSecond = Math.round((bytes * 1000) / Math.max(1, at - began));
    tell({ bytes, totalBytes, bytesPerSecond });
  };
}
