const UNITS = 'kmgtp';
const SIZE = /^(\d+(?:\.\d+)?) ?([kmgtp]?)(i?b)?$/i;

/** Bytes from `64m`, `1.5g`, `100kb`, `1GiB` (units are powers of 1024), or undefined. */
export function parseSize(text: string): number | undefined {
  const match = SIZE.exec(text);
  if (match === null) return undefined;
  const [, amount = '', unit = '', suffix = ''] = match;
  if (unit === '' && suffix.length > 1) return undefined;
  const power = unit === '' ? 0 : UNITS.indexOf(unit.toLowerCase()) + 1;
  const bytes = Math.trunc(Number(amount) * 1024 ** power);
  return Number.isSafeInteger(bytes) ? bytes : undefined;
}
