const MAX_NEAR = 3;

/** The names that someone may have meant by `wanted`, nearest first. */
export function nearNames(wanted: string, names: readonly string[]): readonly string[] {
  const repository = withoutTag(wanted);
  return names
    .map((name) => ({ name, distance: nameDistance(wanted, repository, name) }))
    .filter(({ distance }) => distance <= Math.max(2, Math.floor(repository.length / 3)))
    .sort((a, b) => a.distance - b.distance || (a.name < b.name ? -1 : 1))
    .slice(0, MAX_NEAR)
    .map(({ name }) => name);
}

/** Another tag of the same repository is always near. */
function nameDistance(wanted: string, repository: string, name: string): number {
  const other = withoutTag(name);
  const last = other.slice(other.lastIndexOf('/') + 1);
  const between = Math.min(editDistance(repository, other), editDistance(repository, last) + 1);
  return Math.min(editDistance(wanted, name), between);
}

function withoutTag(name: string): string {
  const end = name.indexOf('@') < 0 ? name.length : name.indexOf('@');
  const colon = name.lastIndexOf(':', end);
  return colon > name.lastIndexOf('/') ? name.slice(0, colon) : name.slice(0, end);
}

/** Insertions, deletions and replacements that turn one text into the other. */
function editDistance(a: string, b: string): number {
  if (Math.abs(a.length - b.length) > 64) return Infinity;
  let row = Array.from({ length: b.length + 1 }, (_, i) => i);
  for (let i = 1; i <= a.length; i++) {
    const next = [i];
    for (let j = 1; j <= b.length; j++) {
      const replaced = row[j - 1]! + (a[i - 1] === b[j - 1] ? 0 : 1);
      next.push(Math.min(replaced, row[j]! + 1, next[j - 1]! + 1));
    }
    row = next;
  }
  return row[b.length]!;
}
