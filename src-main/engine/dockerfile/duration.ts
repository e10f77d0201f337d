/** Durations as Go writes them and the Dockerfile takes them: `1m30s`, `500ms`, `1.5h`. */

const UNITS_NS: ReadonlyMap<string, number> = new Map([
  ['ns', 1],
  ['us', 1e3],
  ['\u00b5s', 1e3],
  ['\u03bcs', 1e3],
  ['ms', 1e6],
  ['s', 1e9],
  ['m', 60e9],
  ['h', 3600e9],
]);
/** The longest that 63 bits of nanoseconds hold: about 292 years. */
const MAX_NS = 2 ** 63;
const SHAPE = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/;
const PART = /(\d+\.?\d*|\.\d+)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;

/** Nanoseconds, or undefined when `text` is not a duration. `0` needs no unit. */
export function parseDuration(text: string): number | undefined {
  const sign = text.startsWith('-') ? -1 : 1;
  const rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0;
  if (!SHAPE.test(rest)) return undefined;
  let total = 0;
  for (const [, amount, unit] of rest.matchAll(PART)) {
    total += Math.trunc(Number(amount) * (UNITS_NS.get(unit ?? '') ?? 0));
  }
  return total < MAX_NS ? sign * total : undefined;
}

const UNIT_WORDS: readonly (readonly [RegExp, string, number])[] = [
  [/^(?:|secs?|seconds?)$/i, 's', 1],
  [/^(?:msecs?|millis|milliseconds?)$/i, 'ms', 1],
  [/^(?:mins?|minutes?)$/i, 'm', 1],
  [/^(?:hrs?|hours?)$/i, 'h', 1],
  [/^(?:d|days?)$/i, 'h', 24],
];

/** What `30`, `5 min` or `1d` were probably meant to say; undefined for what is nothing like a duration. */
export function likelyDuration(text: string): string | undefined {
  const [, amount, word = ''] = /^(\d{1,9}) ?([a-z]*)$/i.exec(text) ?? [];
  if (amount === undefined) return undefined;
  const lower = `${amount}${word.toLowerCase()}`;
  if (parseDuration(lower) !== undefined) return lower;
  const [, unit, factor] = UNIT_WORDS.find(([pattern]) => pattern.test(word)) ?? [];
  return unit === undefined ? undefined : `${Number(amount) * (factor ?? 1)}${unit}`;
}

/** Without the zeros at the end of a fraction. */
function trimFraction(text: string): string {
  return text.includes('.') ? text.replace(/0+$/, '').replace(/\.$/, '') : text;
}

/** As Go prints a duration: `1m30s`, `500ms`, `0s`, `1h0m0s`. */
export function formatDuration(nanoseconds: number): string {
  const sign = nanoseconds < 0 ? '-' : '';
  const value = Math.abs(nanoseconds);
  if (value === 0) return '0s';
  if (value < 1e3) return `${sign}${value}ns`;
  if (value < 1e6) return `${sign}${trimFraction((value / 1e3).toFixed(3))}\u00b5s`;
  if (value < 1e9) return `${sign}${trimFraction((value / 1e6).toFixed(6))}ms`;
  const hours = Math.floor(value / 3600e9);
  const minutes = Math.floor((value % 3600e9) / 60e9);
  const seconds = trimFraction(((value % 60e9) / 1e9).toFixed(9));
  if (hours > 0) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0 ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}
