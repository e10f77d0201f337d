import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { assert, oneof, property } from 'fast-check';
import { describe, expect, test } from 'vitest';
import { applyEdits } from '../../../../src-main/engine/dockerfile/language/apply-edits.ts';
import { formatDockerfile } from '../../../../src-main/engine/dockerfile/language/format-dockerfile.ts';
import { readDockerfile } from '../../../../src-main/engine/dockerfile/read-dockerfile.ts';
import { wildText } from '../wild-text.ts';
import { tameText } from './tame-text.ts';

const REAL = join(import.meta.dirname, '../../../fixtures/real-dockerfiles');

function format(text: string): string {
  return applyEdits(text, formatDockerfile(readDockerfile(text, 'Dockerfile')));
}

describe('formatting', () => {
  test.each<[string, string, string]>([
    ['raises keywords', 'from a as b\nrun x\nhealthcheck none\n', 'FROM a AS b\nRUN x\nHEALTHCHECK NONE\n'],
    [
      'puts one space between words',
      'FROM  a\nCOPY  --link\t--chown=a  x\t y\n',
      'FROM a\nCOPY --link --chown=a x y\n',
    ],
    [
      'indents lines that continue',
      'FROM a\nENV A=1\\\n B=2 \\\n# c\n\tC=3\n',
      'FROM a\nENV A=1 \\\n    B=2 \\\n    # c\n    C=3\n',
    ],
    ['leaves a command as it is', 'FROM a\nRUN  x  &&  y \\  \n  z  \n', 'FROM a\nRUN x  &&  y \\\n  z\n'],
    ['leaves the old form of ENV as it is', 'FROM a\nENV  A  b   c \n', 'FROM a\nENV A  b   c\n'],
    ['leaves the text of a trigger as it is', 'FROM a\nonbuild   run  x \n', 'FROM a\nONBUILD run  x \n'],
    [
      'leaves a here-document as it is',
      'FROM a\ncopy <<E  /x  \n a  \n\n\nE\n',
      'FROM a\nCOPY <<E  /x\n a  \n\n\nE\n',
    ],
    [
      'leaves a value over two lines as it is',
      'FROM a\nENV A="x \\\n    y"  B=1\n',
      'FROM a\nENV A="x \\\n    y" B=1\n',
    ],
    ['keeps one empty line', '# a \n\n\n\nFROM a\n\n \nRUN x\n\n\n', '# a\n\nFROM a\n\nRUN x\n'],
    ['ends the last line', 'FROM a\r\nRUN x', 'FROM a\r\nRUN x\r\n'],
    ['makes no directive of a comment', '\n\n# escape=`\nFROM a\n', '\n# escape=`\nFROM a\n'],
    ['changes nothing where something does not parse', 'from a\nrun\nfoo  x\n', 'from a\nrun\nfoo  x\n'],
  ])('%s', (_, before, after) => {
    expect(format(before)).toBe(after);
  });

  test('keeps what every Dockerfile of public projects means', () => {
    for (const file of readdirSync(REAL).filter((name) => name.endsWith('.Dockerfile'))) {
      const text = readFileSync(join(REAL, file), 'utf8');
      const once = format(text);
      expect(format(once), file).toBe(once);
      expect(meaningOf(once), file).toEqual(meaningOf(text));
    }
  });

  test('whatever the text, twice is once, and every instruction stays the same', () => {
    let formatted = 0;
    assert(
      property(oneof({ weight: 4, arbitrary: tameText }, wildText), (text) => {
        const once = format(text);
        if (once !== text) formatted += 1;
        expect(format(once)).toBe(once);
        expect(meaningOf(once)).toEqual(meaningOf(text));
      }),
      { numRuns: 2_000 },
    );
    expect(formatted).toBeGreaterThan(400);
  });
});

const AS_WRITTEN = /location$|^(?:lastLine|emptyContinuations|original|keyword)$/i;

/** A parsed file without places and without the text as written. */
function meaningOf(text: string): unknown {
  const { dockerfile, errors } = readDockerfile(text, 'Dockerfile');
  const plain = JSON.stringify([dockerfile, errors.map(({ message }) => message)], (key, value: unknown) => {
    if (typeof value === 'bigint') return `${value} ns`;
    return AS_WRITTEN.test(key) ? undefined : value;
  });
  return JSON.parse(plain) as unknown;
}
