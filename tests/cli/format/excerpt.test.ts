import { assert, constantFrom, array, integer, oneof, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import type { SourceLocation } from '../../../src-main/contract/errors.ts';
import { characterWidth } from '../../../src-main/cli/format/display-width.ts';
import { formatExcerpt, formatListing, type ExcerptTarget } from '../../../src-main/cli/format/excerpt.ts';

function target(columns?: number, hasColours = false): ExcerptTarget {
  return { columns: () => columns, hasColours };
}

function at(line: number, column: number, endColumn: number, endLine = line): SourceLocation {
  return { file: 'Dockerfile', line, column, endLine, endColumn };
}

/** The excerpt of a line in which the range is written between `<` and `>`. */
function excerptOf(marked: string, where = target()): string[] {
  const column = marked.indexOf('<') + 1;
  const endColumn = marked.lastIndexOf('>');
  const line = marked.slice(0, column - 1) + marked.slice(column, endColumn) + marked.slice(endColumn + 1);
  return formatExcerpt(line, at(3, column, endColumn), where);
}

describe('an excerpt', () => {
  test('marks the range under the line', () => {
    expect(excerptOf('COPY <--form>=build /app /app')).toEqual([
      '    3 | COPY --form=build /app /app',
      '      |      ^^^^^^',
    ]);
  });

  test('marks one column for an empty range, also after the line’s end', () => {
    expect(formatExcerpt('FROM', at(12345, 5, 5), target())).toEqual(['12345 | FROM', '      |     ^']);
    expect(formatExcerpt('', at(1, 9, 12), target())).toEqual(['    1 |', '      | ^']);
  });

  test('keeps the marker under the range after tabs, wide and combined characters', () => {
    expect(excerptOf('COPY\t日本語 e\u0301 🐳 <ファイル> /')).toEqual([
      '    3 | COPY    日本語 e\u0301 🐳 ファイル /',
      `      | ${' '.repeat(4 + 4 + 6 + 1 + 1 + 1 + 2 + 1)}^^^^^^^^`,
    ]);
  });

  test('shows control and bidirectional characters, half a pair and an invisible one as what they are', () => {
    expect(excerptOf('RUN \x1b[31m\u202e <a\x07b> \ud800\u200b')).toEqual([
      '    3 | RUN <U+001B>[31m<U+202E> a<U+0007>b \ufffd<U+200B>',
      '      |                          ^^^^^^^^^^',
    ]);
  });

  test('leaves a byte order mark out', () => {
    expect(formatExcerpt('\ufeffFORM a', at(1, 2, 6), target())).toEqual(['    1 | FORM a', '      | ^^^^']);
  });

  test('marks the first line of several and counts the others', () => {
    expect(formatExcerpt('RUN a \\  ', at(2, 1, 3, 3), target())).toEqual([
      '    2 | RUN a \\',
      '      | ^^^^^^^ and 1 more line',
    ]);
    expect(formatExcerpt('RUN a \\', at(2, 5, 3, 9), target())[1]).toBe('      |     ^^^ and 7 more lines');
  });

  test('cuts a long line around the range, wherever it stands', () => {
    const [start, middle] = [
      '<oops>' + ' word'.repeat(20),
      `${'word '.repeat(20)}<oops>${' word'.repeat(20)}`,
    ];
    const last = `${'word '.repeat(20)}<oops>`;
    expect([start, middle, last].map((line) => excerptOf(line!, target(48)))).toEqual([
      ['    3 | oops word word word word word word word…', '      | ^^^^'],
      ['    3 | …d word word oops word word word word w…', '      |              ^^^^'],
      [
        '    3 | …word word word word word word word oops',
        '      |                                     ^^^^',
      ],
    ]);
  });

  test('cuts a range that is longer than the window at its end', () => {
    expect(excerptOf(`COPY <${'x'.repeat(90)}> /`, target(40))).toEqual([
      `    3 | COPY ${'x'.repeat(26)}…`,
      `      |      ${'^'.repeat(26)}`,
    ]);
  });

  test('has a red marker on a terminal', () => {
    expect(excerptOf('<a>', target(80, true))[1]).toBe('      | \x1b[31m^\x1b[0m');
  });

  test('of any line and any range has a marker that fits under it', () => {
    const piece = oneof(
      constantFrom('\t', '語', '\x1b', '\u202e', '\u0301', '\ud83d', '🐳', '\ufeff', ' '),
      string(),
    );
    const lines = array(piece, { maxLength: 40 }).map((parts) => parts.join('').replaceAll('\n', ''));
    const numbers = tuple(integer({ min: -5, max: 200 }), integer({ min: -5, max: 200 }));
    assert(
      property(lines, numbers, integer({ min: 0, max: 90 }), (line, [column, length], columns) => {
        const shown = formatExcerpt(line, at(7, column, column + length), target(columns));
        expect(shown.length).toBe(2);
        const [width, markerWidth] = shown.map(columnsOf) as [number, number];
        expect(shown[1]).toMatch(/^ {6}\| +\^+$/);
        // One more: what is missing at the end of a line that fills the window is marked behind it.
        expect(markerWidth).toBeLessThanOrEqual(Math.max(28, columns) + 1);
        expect(width).toBeLessThanOrEqual(Math.max(28, columns));
        expect(shown[0]).not.toMatch(/[\p{Cc}\p{Cf}]/u);
      }),
    );
  });

  test('of a line of megabytes takes no time', () => {
    const line = 'x'.repeat(20_000_000);
    expect(formatExcerpt(line, at(1, 9_000_000, 9_000_002), target(60))).toEqual([
      `    1 | …${'x'.repeat(50)}…`,
      `      | ${' '.repeat(17)}^^`,
    ]);
  });
});

function columnsOf(text: string): number {
  return Array.from(text).reduce((sum, character) => sum + characterWidth(character), 0);
}

describe('a listing', () => {
  const file = ['FROM a', 'RUN b \\', '  c', '', 'CMD d', ''];

  test('shows two lines around one, with the range marked', () => {
    expect(formatListing(file, { lines: { line: 5, endLine: 5 }, range: at(5, 5, 6) }, target())).toEqual([
      '   3 |       c',
      '   4 |',
      '   5 | >>> CMD d',
      '     |         ^',
      '   6 |',
    ]);
  });

  test('shows one line around several, and the marker where the range is', () => {
    expect(formatListing(file, { lines: { line: 2, endLine: 3 }, range: at(3, 3, 4) }, target())).toEqual([
      '   1 |     FROM a',
      '   2 | >>> RUN b \\',
      '   3 | >>>   c',
      '     |       ^',
      '   4 |',
    ]);
  });
});
