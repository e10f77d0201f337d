/** An instant as docker prints it, in this machine's zone: `2026-11-23 23:40:07 +0000 UTC`. */
export function formatGoTime(instant: string | undefined): string {
  const date = new Date(instant ?? NaN);
  if (Number.isNaN(date.getTime())) return 'N/A';
  const offset = -date.getTimezoneOffset();
  const local = new Date(date.getTime() + offset * 60_000).toISOString();
  const zone = formatOffset(offset);
  return `${local.slice(0, 10)} ${local.slice(11, 19)} ${zone} ${offset === 0 ? 'UTC' : zone}`;
}

function formatOffset(minutes: number): string {
  const two = (value: number) => String(Math.floor(value)).padStart(2, '0');
  const size = Math.abs(minutes);
  return `${minutes < 0 ? '-' : '+'}${two(size / 60)}${two(size % 60)}`;
}

/** An instant to the minute in this machine's zone, for tables: `2026-11-23 23:40`. */
export function formatMinute(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString();
  return `${local.slice(0, 10)} ${local.slice(11, 16)}`;
}
