const TELL_EVERY_MS = 100;
const RATE_OVER_MS = 5000;

/** When to tell of something that takes long, and how fast it is. */
export interface Pace {
  /** True ten times a second, which is enough for an eye; and whenever it must be told. */
  isDue(must?: boolean): boolean;
  /**
   * Bytes a second as of the last `isDue`, over the last seconds: a slow beginning or a stall does not count for ever.
   */
  rate(bytes: number): number;
}

export function createPace(): Pace {
  let last = performance.now();
  const samples = [{ at: last, bytes: 0 }];
  return {
    isDue: (must = false) => {
      const at = performance.now();
      if (!must && at - last < TELL_EVERY_MS) return false;
      last = at;
      return true;
    },
    rate: (bytes) => {
      samples.push({ at: last, bytes });
      while (samples.length > 2 && last - (samples[1]?.at ?? last) >= RATE_OVER_MS) samples.shift();
      const [first = { at: last, bytes }] = samples;
      return Math.round(((bytes - first.bytes) * 1000) / Math.max(1, last - first.at));
    },
  };
}
