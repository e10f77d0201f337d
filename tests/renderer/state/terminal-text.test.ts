import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { TerminalText } from '../../../src-renderer/state/terminal-text.ts';

function linesOf(...pieces: readonly string[]): readonly string[] {
  const terminal = new TerminalText();
  for (const piece of pieces) terminal.write(piece);
  return Array.from({ length: terminal.count }, (_, i) => terminal.at(i)?.text ?? '');
}

describe('the text that a program leaves on a terminal', () => {
  test('is split into lines wherever the pieces were cut', () => {
    expect(linesOf('one\ntw', 'o\n', 'three')).toEqual(['one', 'two', 'three']);
  });

  test('keeps empty lines and drops the return before a line feed', () => {
    expect(linesOf('a\r\n\r\nb\r', '\n')).toEqual(['a', '', 'b']);
  });

  test('shows only the last state of a line that returns overwrite', () => {
    expect(linesOf('10 %\r50 %\r100 %\n', 'loading\rok\n')).toEqual(['100 %', 'okading']);
  });

  test('erases the rest of a line, or all of it, when asked to', () => {
    expect(linesOf('loading\r\u001b[Kok\n', 'gone\u001b[2Knew\n')).toEqual(['ok', 'new']);
  });

  test('takes back characters with a backspace', () => {
    expect(linesOf('ab\b\bX\n')).toEqual(['Xb']);
  });

  test('drops every control sequence but colours, cut in two or not', () => {
    const title = '\u001b]0;a title\u0007';
    const link = '\u001b]8;;https://example.org\u001b\\text\u001b]8;;\u001b\\';
    expect(linesOf(`${title}a\u001b[2Jb\u001b[10;5Hc\u001b(Bd\u0007e${link}\n`)).toEqual(['abcdetext']);
    expect(linesOf('a\u001b', '[3', '1mb\u001b]0;ti', 'tle\u001b', '\\c\n')).toEqual(['abc']);
    expect(linesOf('a\u009b31mb\u0090secret\u009cc\n')).toEqual(['abc']);
  });

  test('makes characters visible that would reorder the line', () => {
    expect(linesOf('safe\u202Eevil\u2066\u200b\n')).toEqual(['safe[U+202E]evil[U+2066][U+200B]']);
  });

  test('is the same in whatever pieces it comes', () => {
    const part = fc.constantFrom(
      'word',
      '\r',
      '\n',
      '\u001b[1;31m',
      '\u001b[0m',
      '\u001b[K',
      '\u001b]0;t\u0007',
      '\b',
      '\t',
    );
    fc.assert(
      fc.property(fc.array(part, { maxLength: 30 }), fc.integer({ min: 1, max: 7 }), (parts, size) => {
        const text = parts.join('');
        const pieces = text.match(new RegExp(`[^]{1,${size}}`, 'g')) ?? [];
        expect(linesOf(...pieces)).toEqual(linesOf(text));
      }),
    );
  });

  test('never has a control character in it', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary' }), (text) => {
        for (const line of linesOf(text))
          expect(line).not.toMatch(/[\u0000-\u0008\u000a-\u001f\u007f-\u009f\u202e]/);
      }),
    );
  });
});

describe('the colours of a program', () => {
  function spansOf(text: string): unknown {
    const terminal = new TerminalText();
    terminal.write(text);
    return terminal.at(0)?.spans;
  }

  test('become spans over the text', () => {
    expect(spansOf('a\u001b[1;31mred\u001b[0mb\n')).toEqual([
      { start: 1, end: 4, style: { bold: true, foreground: 1 } },
    ]);
  });

  test('may be bright, one of 256, or any', () => {
    expect(spansOf('\u001b[92ma\u001b[38;5;196mb\u001b[48;2;1;2;3mc\n')).toEqual([
      { start: 0, end: 1, style: { foreground: 10 } },
      { start: 1, end: 2, style: { foreground: 'rgb(255 0 0)' } },
      { start: 2, end: 3, style: { foreground: 'rgb(255 0 0)', background: 'rgb(1 2 3)' } },
    ]);
  });

  test('end one by one', () => {
    expect(spansOf('\u001b[1;4;33ma\u001b[22mb\u001b[39mc\u001b[24md\n')).toEqual([
      { start: 0, end: 1, style: { bold: true, underline: true, foreground: 3 } },
      { start: 1, end: 2, style: { underline: true, foreground: 3 } },
      { start: 2, end: 3, style: { underline: true } },
    ]);
  });

  test('go on over the end of a line', () => {
    const terminal = new TerminalText();
    terminal.write('\u001b[32mone\ntwo\u001b[m\n');
    expect(terminal.lines).toEqual([
      { text: 'one', spans: [{ start: 0, end: 3, style: { foreground: 2 } }] },
      { text: 'two', spans: [{ start: 0, end: 3, style: { foreground: 2 } }] },
    ]);
  });

  test('are overwritten with the text that they were on', () => {
    expect(spansOf('\u001b[31mabcdef\u001b[0m\rXY\n')).toEqual([
      { start: 2, end: 6, style: { foreground: 1 } },
    ]);
  });
});
