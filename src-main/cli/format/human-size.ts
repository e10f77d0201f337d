const UNITS = ['B', 'kB', 'MB', 'GB', 'TB', 'PB'];

/** Bytes as docker writes them: three significant digits, powers of 1000 (`4.43MB`, `77.9MB`, `0B`). */
export function formatHumanSize(bytes: number): string {
  let value = bytes;
  let unit = 0;
  while (unit < UNITS.length - 1 && Number(value.toPrecision(3)) >= 1000) {
    value /= 1000;
    unit += 1;
  }
  return `${Number(value.toPrecision(3))}${UNITS[unit]}`;
}
