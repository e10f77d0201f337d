/** A value as Go's templates print it: `[a b]` for a list, `map[k:v]` for an object with its keys sorted. */
export function formatGoValue(value: unknown): string {
  if (value === null || value === undefined) return '<no value>';
  if (Array.isArray(value)) return `[${value.map(formatGoValue).join(' ')}]`;
  if (typeof value !== 'object') return String(value as string | number | boolean);
  const fields = Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1));
  return `map[${fields.map(([key, field]) => `${key}:${formatGoValue(field)}`).join(' ')}]`;
}
