/** A signal may fire between two looks at it, which the type checker does not believe of a property. */
export function isAborted(signal: AbortSignal | undefined): boolean {
  return signal?.aborted === true;
}
