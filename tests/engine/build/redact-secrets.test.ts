import { describe, expect, test } from 'vitest';
import { createRedaction } from '../../../src-main/engine/build/redact-secrets.ts';

/** What is shown of a text that comes in pieces of a size. */
function shown(text: string, secrets: readonly string[], size = text.length): string {
  const redaction = createRedaction(secrets.map((each) => Buffer.from(each)));
  const bytes = Buffer.from(text);
  const pieces: Uint8Array[] = [];
  for (let at = 0; at < bytes.length; at += size) pieces.push(redaction.push(bytes.subarray(at, at + size)));
  return Buffer.concat([...pieces, redaction.end()]).toString();
}

describe('a secret in output', () => {
  test('is masked wherever the pieces of the output begin and end', () => {
    const text = 'key=s3cret-s3cret-word, s3cre and s3cret-word\n';
    for (let size = 1; size <= text.length; size += 1) {
      expect(shown(text, ['s3cret-word\n'], size)).toBe('key=s3cret-***, s3cre and ***\n');
    }
  });

  test('is masked line by line, and short lines of many are not', () => {
    const key = '-----BEGIN KEY-----\r\nabcdefghijkl\r\nok\r\n-----END KEY-----\n';
    expect(shown('ok: abcdefghijkl\n-----END KEY-----', [key])).toBe('ok: ***\n***');
  });

  test('is masked in base64, broken into lines or not', () => {
    const secret = 'a secret that is long enough to be broken into two lines of seventy-six characters';
    const base64 = Buffer.from(secret).toString('base64');
    expect(shown(`<${base64}>`, [secret])).toBe('<***>');
    expect(shown(`<${base64.slice(0, 76)}\n${base64.slice(76)}>`, [secret])).toBe('<***\n***>');
    expect(shown(`<${Buffer.from('word\n').toString('base64')}>`, ['word\n'])).toBe('<***>');
  });

  test('is the longest of those that begin together', () => {
    expect(shown('passwordlong password', ['password', 'passwordlong'])).toBe('*** ***');
  });

  test('of less than four bytes is left, for it would be everywhere', () => {
    expect(shown('abc abcd', ['abc'])).toBe('abc abcd');
  });

  test('without any, output passes as it comes', () => {
    expect(shown('anything', [], 3)).toBe('anything');
  });
});
