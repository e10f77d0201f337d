const GAP = 3;
const MIN_WIDTH = 10;

/** Columns aligned as docker aligns them: at least ten wide, three spaces between, the last one not padded. */
export function formatTable(rows: readonly (readonly string[])[]): string[] {
  const widths: number[] = [];
  for (const row of rows) {
    for (const [at, cell] of row.entries()) {
      widths[at] = Math.max(widths[at] ?? MIN_WIDTH, cell.length + GAP);
    }
  }
  return rows.map((row) =>
    row.map((cell, at) => (at === row.length - 1 ? cell : cell.padEnd(widths[at] ?? 0))).join(''),
  );
}
