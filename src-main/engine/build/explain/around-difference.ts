const LONGEST = 200;
const BEFORE = 40;

/** Two texts that differ, each clipped so that the first difference is in sight. */
export function aroundDifference(before: string, after: string): readonly [string, string] {
  if (before.length <= LONGEST && after.length <= LONGEST) return [before, after];
  const shared = sharedStart(before, after);
  const start = shared <= BEFORE * 2 ? 0 : shared - BEFORE;
  return [clipFrom(before, start), clipFrom(after, start)];
}

function sharedStart(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let at = 0;
  while (at < length && a[at] === b[at]) at += 1;
  return at;
}

function clipFrom(text: string, start: number): string {
  const end = start + LONGEST;
  return `${start > 0 ? '…' : ''}${text.slice(start, end)}${end < text.length ? '…' : ''}`;
}
