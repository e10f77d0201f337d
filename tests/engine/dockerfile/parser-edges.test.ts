import { describe, expect, test } from 'vitest';
import type { Instruction } from '../../../src-main/engine/dockerfile/instruction.ts';
import { parseDockerfile } from '../../../src-main/engine/dockerfile/parse-dockerfile.ts';
import { readDockerfile } from '../../../src-main/engine/dockerfile/read-dockerfile.ts';

/** The last instruction of a text. */
function last(text: string): Instruction {
  const instruction = parseDockerfile(text, { file: 'Dockerfile' }).instructions.at(-1);
  if (instruction === undefined) throw new Error('there is no instruction');
  return instruction;
}

function flagsOf(text: string): readonly (readonly [string, string | undefined])[] {
  return last(text).flags.map(({ name, value }) => [name, value]);
}

describe('an instruction', () => {
  test('starts where a line with nothing but a continuation begins it', () => {
    const { keyword, location } = last('FROM scratch\n\\\n# comment\nENV a=b\n');
    expect([location.line, location.endLine, keyword.location.line]).toEqual([2, 4, 4]);
  });

  test('of one backslash at the end of the file is unknown', () => {
    expect(readDockerfile('FROM scratch\n\\', 'Dockerfile').errors).toHaveLength(1);
  });
});

describe('a directive', () => {
  test.each(['# escape=`', '#\tescape\t=\t`\t', '#ESCAPE=`\f'])('%j is read', (line) => {
    expect(parseDockerfile(`${line}\nFROM scratch\n`, { file: 'Dockerfile' }).escape).toBe('`');
  });

  test.each(['#\vescape=`', '#\u00a0escape=`', '# escape=', '# es cape=`'])('%j is a comment', (line) => {
    const { escape, directives } = parseDockerfile(`${line}\nFROM scratch\n`, { file: 'Dockerfile' });
    expect([escape, directives]).toEqual(['\\', []]);
  });

  test('with white space for its value has that value', () => {
    expect(readDockerfile('# escape= \nFROM scratch\n', 'Dockerfile').errors).toHaveLength(1);
  });
});

describe('flags', () => {
  test('are escaped by the escape character of the Dockerfile', () => {
    expect(flagsOf('# escape=`\nFROM scratch\nCOPY --chown=a`"\\b x y\n')).toEqual([['chown', 'a"\\b']]);
  });

  test('are read byte by byte, as BuildKit reads them', () => {
    expect(flagsOf('FROM scratch\nCOPY --chown=é x y\n')).toEqual([['chown', '\u00c3\u00a9']]);
  });

  test('do not begin after a white space beyond ASCII', () => {
    expect(last('FROM scratch\nRUN \u00a0--mount\n')).toMatchObject({
      flags: [],
      command: { text: '--mount' },
    });
  });

  test.each(['ARG --any name', 'STOPSIGNAL --any=1 9'])('of %s are not looked at', (line) => {
    expect(readDockerfile(`FROM scratch\n${line}\n`, 'Dockerfile').errors).toEqual([]);
  });
});

describe('a here-document of COPY', () => {
  test('has the content of the last one of its name', () => {
    expect(last('FROM scratch\nCOPY <<A <<A /d/\n1\nA\n2\nA\n')).toMatchObject({
      sources: [{ heredoc: { content: '2\n' } }, { heredoc: { content: '2\n' } }],
    });
  });

  test('in JSON form is empty', () => {
    expect(last('FROM scratch\nCOPY ["<<A", "/d"]\n')).toMatchObject({
      sources: [{ type: 'heredoc', heredoc: { name: 'A', content: '' } }],
    });
  });

  test('with a quote that is not closed is a path', () => {
    expect(last('FROM scratch\nCOPY <<"A B" /d\nA B\n')).toMatchObject({
      sources: [{ type: 'path', text: '<<"A' }, { type: 'path' }],
    });
  });
});

test('ONBUILD keeps white space before its trigger that is not of ASCII', () => {
  expect(last('FROM scratch\nONBUILD \u00a0RUN x\n')).toMatchObject({ trigger: '\u00a0RUN x' });
});

test('half of a character in JSON becomes the replacement character', () => {
  expect(last('FROM scratch\nCMD ["a\\ud800"]\n')).toMatchObject({ command: { args: ['a\ufffd'] } });
});

describe('a line', () => {
  const tooLong = (text: string): readonly (number | undefined)[] =>
    readDockerfile(text, 'Dockerfile').errors.map(({ location }) => location?.line);

  test.each([
    ['of 65535 bytes is taken', `LABEL a=${'x'.repeat(65_527)}\n`, []],
    ['of 65536 bytes is refused', `LABEL a=${'x'.repeat(65_528)}\n`, [2]],
    ['counts bytes, not characters', `LABEL a=${'é'.repeat(32_764)}\n`, [2]],
    ['counts a carriage return', `LABEL a=${'x'.repeat(65_527)}\r\n`, [2]],
    ['of a here-document counts', `RUN <<E\n${'x'.repeat(65_536)}\nE\n`, [3]],
    ['of a comment counts', `#${'x'.repeat(65_535)}\n`, [2]],
    ['that is continued may be longer', `RUN ${'x'.repeat(40_000)} \\\n${'x'.repeat(40_000)}\n`, []],
  ])('%s', (_, line, expected) => {
    expect(tooLong(`FROM scratch\n${line}`)).toEqual(expected);
  });
});

test.each(['--network=', '--security=', '--device='])('RUN %s has no value', (flag) => {
  expect(readDockerfile(`FROM scratch\nRUN ${flag} x\n`, 'Dockerfile').errors).toHaveLength(1);
});
