/**
 * Works through the items, so many at once and in their order. The first failure ends the others through the signal
 * that they were given, and is thrown when all have ended.
 */
export async function inParallel<T>(
  items: readonly T[],
  atOnce: number,
  signal: AbortSignal | undefined,
  work: (item: T, signal: AbortSignal) => Promise<void>,
): Promise<void> {
  const stop = new AbortController();
  const ends = signal === undefined ? stop.signal : AbortSignal.any([signal, stop.signal]);
  const waiting = [...items];
  const workers = Array.from({ length: Math.min(atOnce, items.length) }, async () => {
    for (let next = waiting.shift(); next !== undefined; next = waiting.shift()) await work(next, ends);
  });
  try {
    await Promise.all(workers);
  } catch (error) {
    stop.abort();
    await Promise.allSettled(workers);
    throw error;
  }
}
