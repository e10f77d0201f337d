/** Durations as Go writes them and the Dockerfile takes them: `1m30s`, `500ms`, `1.5h`. */

const UNITS_NS: ReadonlyMap<string, bigint> = new Map([
  ['ns', 1n],
  ['us', 1_000n],
  ['\u00b5s', 1_000n],
  ['\u03bcs', 1_000n],
  ['ms', 1_000_000n],
  ['s', 1_000_000_000n],
  ['m', 60_000_000_000n],
  ['h', 3_600_000_000_000n],
]);
/** The longest that 63 bits of nanoseconds hold: about 292 years. */
const MAX_NS = 2n ** 63n - 1n;
const SHAPE = /^(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|\u00b5s|\u03bcs|ms|s|m|h))+$/;
const PART = /(\d*)\.?(\d*)(ns|us|\u00b5s|\u03bcs|ms|s|m|h)/g;
/** More digits of a fraction tell nothing: the largest unit has fewer zeros. */
const FRACTION_DIGITS = 18;

function partNs(whole: string, fraction: string, unit: bigint): bigint {
  const digits = fraction.slice(0, FRACTION_DIGITS);
  return BigInt(whole) * unit + (BigInt(digits) * unit) / 10n ** BigInt(digits.length);
}

/** Nanoseconds, or undefined when `text` is not a duration. `0` needs no unit. */
export function parseDuration(text: string): bigint | undefined {
  const sign = text.startsWith('-') ? -1n : 1n;
  const rest = text.replace(/^[+-]/, '');
  if (rest === '0') return 0n;
  if (!SHAPE.test(rest)) return undefined;
  let total = 0n;
  for (const [, whole = '', fraction = '', unit = ''] of rest.matchAll(PART)) {
    total += partNs(whole, fraction, UNITS_NS.get(unit) ?? 0n);
  }
  return total <= MAX_NS ? sign * total : undefined;
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

/** A number of billionths and the like, without the zeros at the end of its fraction. */
function formatFraction(value: bigint, digits: number): string {
  const scale = 10n ** BigInt(digits);
  const fraction = (value % scale).toString().padStart(digits, '0').replace(/0+$/, '');
  return `${value / scale}${fraction === '' ? '' : `.${fraction}`}`;
}

/** As Go prints a duration: `1m30s`, `500ms`, `0s`, `1h0m0s`. */
export function formatDuration(nanoseconds: bigint): string {
  const sign = nanoseconds < 0n ? '-' : '';
  const value = nanoseconds < 0n ? -nanoseconds : nanoseconds;
  if (value === 0n) return '0s';
  if (value < 1_000n) return `${sign}${value}ns`;
  if (value < 1_000_000n) return `${sign}${formatFraction(value, 3)}\u00b5s`;
  if (value < 1_000_000_000n) return `${sign}${formatFraction(value, 6)}ms`;
  const minute = 60_000_000_000n;
  const hours = value / (60n * minute);
  const minutes = (value / minute) % 60n;
  const seconds = formatFraction(value % minute, 9);
  if (hours > 0n) return `${sign}${hours}h${minutes}m${seconds}s`;
  return minutes > 0n ? `${sign}${minutes}m${seconds}s` : `${sign}${seconds}s`;
}
