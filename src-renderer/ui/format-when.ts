const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** An instant as a person would say it now: `just now`, `5 min ago`, `3 h ago`, `2 days ago`, then the date. */
export function formatWhen(instant: string, now: number = Date.now()): string {
  const at = Date.parse(instant);
  if (Number.isNaN(at)) return instant;
  const age = now - at;
  if (age >= 0 && age < MINUTE) return 'just now';
  if (age >= 0 && age < HOUR) return `${Math.floor(age / MINUTE)} min ago`;
  if (age >= 0 && age < DAY) return `${Math.floor(age / HOUR)} h ago`;
  if (age >= 0 && age < 14 * DAY) return age < 2 * DAY ? 'yesterday' : `${Math.floor(age / DAY)} days ago`;
  return new Date(at).toISOString().slice(0, 10);
}
