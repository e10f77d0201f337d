/** Where the rows of a list lie, in pixels from its top: what a virtual list needs to draw only what is in sight. */
export interface RowLayout {
  readonly count: number;
  readonly heightPx: number;
  topOf(index: number): number;
  /** The row at that height; the last one below the end. */
  indexAt(offsetPx: number): number;
}

/** Rows of one height. */
export function uniformRows(count: number, rowPx: number): RowLayout {
  return {
    count,
    heightPx: count * rowPx,
    topOf: (index) => index * rowPx,
    indexAt: (offsetPx) => Math.max(0, Math.min(count - 1, Math.floor(offsetPx / rowPx))),
  };
}

export interface SectionRows extends RowLayout {
  /** Which section a row belongs to, and which of its rows it is: 0 is its head. */
  locate(index: number): { readonly section: number; readonly row: number };
  /** The first row of a section. */
  firstOf(section: number): number;
}

/** Sections with one head row each and lines below it; `lines[i]` counts the lines of section i. */
export function sectionRows(lines: readonly number[], headPx: number, linePx: number): SectionRows {
  const first: number[] = [];
  const tops: number[] = [];
  let count = 0;
  let heightPx = 0;
  for (const lineCount of lines) {
    first.push(count);
    tops.push(heightPx);
    count += 1 + lineCount;
    heightPx += headPx + lineCount * linePx;
  }
  const locate = (index: number): { section: number; row: number } => {
    const section = lastAtMost(first, index);
    return { section, row: index - (first[section] ?? 0) };
  };
  return {
    count,
    heightPx,
    locate,
    firstOf: (section) => first[section] ?? 0,
    topOf(index) {
      const { section, row } = locate(index);
      return (tops[section] ?? 0) + (row === 0 ? 0 : headPx + (row - 1) * linePx);
    },
    indexAt(offsetPx) {
      const section = lastAtMost(tops, offsetPx);
      const inside = offsetPx - (tops[section] ?? 0) - headPx;
      const row = inside < 0 ? 0 : 1 + Math.floor(inside / linePx);
      return Math.max(0, Math.min(count - 1, (first[section] ?? 0) + Math.min(row, lines[section] ?? 0)));
    },
  };
}

/** Position of the last value that is at most `limit`, 0 when there is none; `sorted` ascends. */
function lastAtMost(sorted: readonly number[], limit: number): number {
  let low = 0;
  let high = sorted.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if ((sorted[middle] ?? 0) <= limit) low = middle;
    else high = middle - 1;
  }
  return low;
}
