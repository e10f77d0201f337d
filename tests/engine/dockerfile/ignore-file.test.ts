import { describe, expect, test } from 'vitest';
import { debugIgnore } from '../../../src-main/engine/dockerfile/debug-ignore.ts';
import { compileIgnore, parseIgnoreFile } from '../../../src-main/engine/dockerfile/ignore-file.ts';
import type { IgnoreState } from '../../../src-main/engine/dockerfile/ignore-file.ts';
import { hasGoldens, readGolden } from './goldens.ts';
import { thrown } from './thrown.ts';

describe('an ignore file', () => {
  test('is read line by line: trimmed, cleaned, relative, without comments', () => {
    const text = '\ufeff# comment\r\n  /a//b/../c/  \n\n!./keep/\n !\n # no comment\n/\n';
    expect(parseIgnoreFile(text)).toEqual(['a/c', '!keep', '!', '# no comment', '/']);
  });
});

/** Whether each path is ignored. */
function answers(patterns: readonly string[], paths: readonly string[]): readonly boolean[] {
  const matcher = compileIgnore(patterns);
  return paths.map((path) => matcher.ignores(path));
}

describe('patterns', () => {
  test.each<[string, string[], string[], string[]]>([
    ['a name takes the file or folder at the top', ['a'], ['a', 'a/b'], ['b/a', 'ab']],
    ['a star stays within a name', ['*.md'], ['x.md', '.md'], ['d/x.md', 'x.mdx']],
    ['a question mark is one character', ['?.c'], ['a.c', 'é.c'], ['ab.c', '/.c']],
    ['a class lists characters', ['[a-c]x'], ['ax', 'cx/y'], ['dx', 'x']],
    ['a class can be turned round', ['[^a-c]x'], ['dx'], ['ax']],
    ['two stars cross folders', ['**/tmp'], ['tmp', 'a/tmp', 'a/b/tmp/c'], ['a/tmpx']],
    ['two stars in the middle too', ['a/**/z'], ['a/z', 'a/b/c/z'], ['z', 'b/a/z']],
    ['two stars at the end take what is below', ['a/**'], ['a/b', 'a/b/c'], ['a', 'ab']],
    ['a backslash takes the meaning away', ['a\\*'], ['a*'], ['ab']],
    ['the last match decides', ['*', '!a', 'a/secret'], ['b', 'a/secret'], ['a', 'a/open']],
    ['a child of an ignored folder comes back', ['d', '!d/keep'], ['d', 'd/x'], ['d/keep', 'd/keep/y']],
    ['a dot is a dot', ['a.b'], ['a.b'], ['axb']],
    ['a bar in a plain name is a bar', ['a|b'], ['a|b'], ['a', 'b']],
    ['a bar beside a star parts two patterns', ['*.c|k'], ['x.cpp', 'x/ok', 'xk/y.d'], ['x.d', 'xkz']],
    ['a caret beside a star is the start', ['^*.c'], ['x.c'], ['^x.d', 'd/x.c']],
  ])('%s', (_, patterns, ignored, kept) => {
    expect([answers(patterns, ignored), answers(patterns, kept)]).toEqual([
      ignored.map(() => true),
      kept.map(() => false),
    ]);
  });

  test.each(['[', 'a[', '[]a]', '[x-]', '[z-a]', 'a\\', '!', '**/[', '\\q'])('%s is refused', (pattern) => {
    expect(thrown(() => compileIgnore([pattern])).code).toBe('INVALID_INPUT');
  });

  test('do not get slow by stars', () => {
    const matcher = compileIgnore([`${'*a'.repeat(100)}b`, `${'**/a/'.repeat(50)}b`]);
    expect([matcher.ignores('a'.repeat(1_000)), matcher.ignores('a/'.repeat(500))]).toEqual([false, false]);
  });
});

/** Walks down to `path` as a walk of folders does; the answers for each folder on the way and for the path. */
function walk(patterns: readonly string[], path: string): readonly (readonly [boolean, boolean])[] {
  const matcher = compileIgnore(patterns);
  const names = path.split('/');
  let state: IgnoreState | undefined;
  return names.map((_, i) => {
    const answer = matcher.visit(names.slice(0, i + 1).join('/'), state);
    state = answer.state;
    return [answer.ignored, answer.prunable];
  });
}

describe('a walk', () => {
  test('need not enter an ignored folder when nothing takes anything back', () => {
    expect(walk(['node_modules'], 'node_modules/a')).toEqual([
      [true, true],
      [true, true],
    ]);
  });

  test('enters an ignored folder on the way to what comes back, and no other', () => {
    const patterns = ['*', '!src/app/*.ts'];
    expect([walk(patterns, 'src/app/a.ts'), walk(patterns, 'docs'), walk(patterns, 'src/lib')]).toEqual([
      [
        [true, false],
        [true, false],
        [false, false],
      ],
      [[true, true]],
      [
        [true, false],
        [true, true],
      ],
    ]);
  });

  test('enters every ignored folder when two stars may take something back', () => {
    expect(walk(['*', '!**/README.md'], 'any/where')).toEqual([
      [true, false],
      [true, false],
    ]);
  });
});

interface IgnoreRow {
  readonly patterns: string[];
  readonly path: string;
  readonly match: boolean | 'error';
}

test('varve debug ignore answers every row', () => {
  const rows = [
    { patterns: ['a'], path: 'a/b' },
    { patterns: ['a'], path: 'b' },
    { patterns: ['['], path: 'b' },
    { patterns: 'a', path: 'b' },
  ];
  expect(debugIgnore(rows)).toEqual([true, false, 'error', 'error']);
});

test.runIf(hasGoldens)('paths are ignored as BuildKit ignores them', () => {
  const rows = readGolden<IgnoreRow[]>('ignore.json');
  expect(debugIgnore(rows)).toEqual(rows.map((row) => row.match));
});

test.runIf(hasGoldens)('a walk comes to the same answers', () => {
  const rows = readGolden<IgnoreRow[]>('ignore.json').filter(
    ({ match, path }) => match !== 'error' && !path.startsWith('/') && !path.endsWith('/'),
  );
  const got = rows.map((row) => walk(row.patterns, row.path).at(-1)?.[0]);
  expect(got).toEqual(rows.map((row) => row.match));
});

test.runIf(hasGoldens)('ignore files are read as BuildKit reads them', () => {
  const rows = readGolden<{ file: string; patterns: string[] | null }[]>('ignorefile.json');
  expect(rows.map((row) => parseIgnoreFile(row.file))).toEqual(rows.map((row) => row.patterns ?? []));
});
