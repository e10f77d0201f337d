import { describe, expect, test } from 'vitest';
import { cleanLine, cleanText } from '../../../src-main/cli/format/clean-text.ts';
import { formatFileMode } from '../../../src-main/cli/format/file-mode.ts';
import { formatTable } from '../../../src-main/cli/format/table.ts';

describe('text from an image or a program', () => {
  test('keeps its colours and ends them', () => {
    expect(cleanLine('\x1b[31mred\x1b[0m and \x1b[1;38;5;200mpink')).toBe(
      '\x1b[31mred\x1b[0m and \x1b[1;38;5;200mpink\x1b[0m',
    );
  });

  test('loses every other control sequence', () => {
    const hostile =
      'a\x1b[2Jb\x1b]0;title\x07c\x1b]8;;http://x\x1b\\d\x1bPq\x1b\\e\x1b[?1049hf\x07\x08\x9bg\tz';
    expect(cleanLine(hostile)).toBe('abcdefg\tz');
  });

  test('shows bidirectional controls', () => {
    expect(cleanText('user\u202egnp.exe')).toBe('user<U+202E>gnp.exe');
  });

  test('a name has no colours at all', () => {
    expect(cleanText('a\x1b[31mb\nc')).toBe('a[31mbc');
  });
});

test('a table is aligned as docker aligns it', () => {
  expect(
    formatTable([
      ['REPOSITORY', 'TAG', 'SIZE'],
      ['a-long-repository-name', '1', '4.43MB'],
    ]),
  ).toEqual(['REPOSITORY               TAG       SIZE', 'a-long-repository-name   1         4.43MB']);
});

test.each([
  ['directory', 0o755, 'drwxr-xr-x'],
  ['directory', 0o1777, 'drwxrwxrwt'],
  ['file', 0o4755, '-rwsr-xr-x'],
  ['file', 0o6644, '-rwSr-Sr--'],
  ['symlink', 0o777, 'lrwxrwxrwx'],
] as const)('a %s of mode %o is %s', (type, mode, text) => {
  expect(formatFileMode(type, mode)).toBe(text);
});
