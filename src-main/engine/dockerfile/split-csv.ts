/**
 * The fields of one line of comma-separated values; a field in double quotes may hold commas, `""` in it is a
 * quote. Undefined for an empty line and for quotes in the wrong place.
 */
export function splitCsv(line: string): readonly string[] | undefined {
  if (line === '') return undefined;
  const fields: string[] = [];
  let at = 0;
  for (;;) {
    const quoted = line[at] === '"';
    const end = quoted ? quotedEnd(line, at) : plainEnd(line, at);
    if (end === undefined) return undefined;
    fields.push(quoted ? line.slice(at + 1, end - 1).replaceAll('""', '"') : line.slice(at, end));
    if (end === line.length) return fields;
    if (line[end] !== ',') return undefined;
    at = end + 1;
  }
}

/** Just after the closing quote. */
function quotedEnd(line: string, start: number): number | undefined {
  let at = line.indexOf('"', start + 1);
  while (at >= 0 && line[at + 1] === '"') at = line.indexOf('"', at + 2);
  return at < 0 ? undefined : at + 1;
}

function plainEnd(line: string, start: number): number | undefined {
  const comma = line.indexOf(',', start);
  const end = comma < 0 ? line.length : comma;
  return line.slice(start, end).includes('"') ? undefined : end;
}
