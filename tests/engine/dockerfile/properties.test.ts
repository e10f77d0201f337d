import { assert, array, constantFrom, property, string, tuple } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { isEngineError } from '../../../src-main/contract/errors.ts';
import { checkDockerfile } from '../../../src-main/engine/dockerfile/check-dockerfile.ts';
import { expand } from '../../../src-main/engine/dockerfile/expand-word.ts';
import { compileGlob } from '../../../src-main/engine/dockerfile/glob.ts';
import { compileIgnore } from '../../../src-main/engine/dockerfile/ignore-file.ts';
import type { IgnoreState } from '../../../src-main/engine/dockerfile/ignore-file.ts';
import { readDockerfile } from '../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { wildText as text } from './wild-text.ts';

/** The result, or undefined for an error that is thrown on purpose; anything else fails the test. */
function orRefusal<T>(compute: () => T): T | undefined {
  try {
    return compute();
  } catch (error) {
    if (isEngineError(error)) return undefined;
    throw error;
  }
}

describe('whatever the text', () => {
  test('reading and checking never crash, and every place is in the file', () => {
    assert(
      property(text, (dockerfile) => {
        const lines = dockerfile.split('\n');
        const { errors, warnings } = checkDockerfile(dockerfile, { file: 'f', ignorePatterns: ['a'] });
        for (const { location } of [...errors, ...warnings]) {
          expect(location.line).toBeLessThanOrEqual(lines.length);
          expect(location.column).toBeLessThanOrEqual((lines[location.line - 1]?.length ?? 0) + 1);
          expect([location.line, location.endLine]).toEqual(
            [location.line, location.endLine].toSorted((a, b) => a - b),
          );
        }
      }),
      { numRuns: 2_000 },
    );
  });

  test('a word’s text stands where its location says', () => {
    assert(
      property(text, (tail) => {
        const dockerfile = `FROM scratch\nEXPOSE ${tail}`;
        const lines = dockerfile.split('\n');
        const exposed = readDockerfile(dockerfile, 'f').dockerfile.instructions.find(
          (i) => i.kind === 'expose',
        );
        for (const { text: word, location } of exposed?.ports ?? []) {
          if (location.line !== location.endLine) continue;
          const line = lines[location.line - 1] ?? '';
          expect(line.slice(location.column - 1, location.endColumn - 1)).toBe(word);
        }
      }),
      { numRuns: 1_000 },
    );
  });

  test('expansion and matching only refuse on purpose', () => {
    const environment = new Map([['a', 'x y']]);
    assert(
      property(tuple(text, text), ([word, path]) => {
        orRefusal(() => expand(word, environment));
        orRefusal(() => compileGlob(word).match(path));
        orRefusal(() => compileIgnore([word]).ignores(path));
      }),
      { numRuns: 2_000 },
    );
  });

  test('a word without special characters expands to itself', () => {
    assert(
      property(string(), (word) => {
        const plain = word.replace(/["'$\\]/g, '');
        expect(expand(plain, new Map()).text).toBe(plain);
      }),
    );
  });
});

test('a walk never prunes a folder below which something is kept', () => {
  const name = constantFrom('a', 'b', 'ab', '*', '**', 'a*', '?');
  const pattern = tuple(constantFrom('', '!'), array(name, { minLength: 1, maxLength: 3 })).map(
    ([mark, names]) => mark + names.join('/'),
  );
  const path = array(constantFrom('a', 'b', 'ab', 'c'), { minLength: 2, maxLength: 4 });
  assert(
    property(array(pattern, { maxLength: 5 }), path, (patterns, names) => {
      const matcher = compileIgnore(patterns);
      let state: IgnoreState | undefined;
      let pruned = false;
      for (const [i] of names.entries()) {
        const answer = matcher.visit(names.slice(0, i + 1).join('/'), state);
        expect(pruned && !answer.ignored).toBe(false);
        pruned ||= answer.prunable;
        state = answer.state;
      }
    }),
    { numRuns: 5_000 },
  );
});

describe('the work grows with the text', () => {
  /** Steps that could be quadratic: many lines, one long line, many heredocs, flags, words, variables. */
  test.each<[string, (n: number) => string]>([
    ['many instructions', (n) => `FROM a\n${'ENV a=$b\n'.repeat(n)}`],
    ['one instruction of many lines', (n) => `FROM a\nRUN x${' \\\n y'.repeat(n)}`],
    ['many words', (n) => `FROM a\nCOPY ${'a '.repeat(n)} /b`],
    ['many pairs', (n) => `FROM a\nENV ${'a="b c" '.repeat(n)}`],
    ['many here-documents', (n) => `FROM a\n${'RUN <<E\nx\nE\n'.repeat(n)}`],
    ['one long here-document', (n) => `FROM a\nCOPY <<E /x\n${'$x "y"\n'.repeat(n)}E\n`],
    ['white space', (n) => `FROM a\nRUN x${' '.repeat(n)}\\${' '.repeat(n)}x`],
    ['many names', (n) => `FROM a\n${Array.from({ length: n }, (_, i) => `ENV a${i}=$b${i}\n`).join('')}`],
    ['many flags', (n) => `FROM a\nCOPY ${'--exclude=a '.repeat(n)} a /b`],
    [
      'many stages',
      (n) => Array.from({ length: n }, (_, i) => `FROM a${i}:1 AS s${i}\nENV e${i}=1\n`).join(''),
    ],
    ['comments', (n) => `${'# c\n'.repeat(n)}FROM a`],
  ])('%s', (_, make) => {
    expect(checkDockerfile(make(5_000), { file: 'f' }).errors).toEqual([]);
  });
});
