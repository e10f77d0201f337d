/** A span as docker writes it: `35 seconds`, `About an hour`, `3 weeks`. */
export function formatHumanDuration(milliseconds: number): string {
  const seconds = Math.floor(milliseconds / 1000);
  if (seconds < 1) return 'Less than a second';
  if (seconds === 1) return '1 second';
  if (seconds < 60) return `${seconds} seconds`;
  const minutes = Math.floor(seconds / 60);
  if (minutes === 1) return 'About a minute';
  if (minutes < 60) return `${minutes} minutes`;
  const hours = Math.floor(seconds / 3600 + 0.5);
  if (hours === 1) return 'About an hour';
  if (hours < 48) return `${hours} hours`;
  return formatDays(Math.floor(hours / 24));
}

function formatDays(days: number): string {
  if (days < 14) return `${days} days`;
  if (days < 60) return `${Math.floor(days / 7)} weeks`;
  if (days < 730) return `${Math.floor(days / 30)} months`;
  return `${Math.floor(days / 365)} years`;
}

/** How long ago an instant was (`2 days ago`), `N/A` for an image that does not say when it was made. */
export function formatSince(instant: string | undefined, nowMs: number): string {
  const at = instant === undefined ? NaN : Date.parse(instant);
  return Number.isNaN(at) ? 'N/A' : `${formatHumanDuration(nowMs - at)} ago`;
}
